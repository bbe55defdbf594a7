"""Triplet loss, Eq. 4, over triplets formed inside the batch."""

import keras
import numpy as np
from keras import KerasTensor, ops


class TripletLoss(keras.losses.Loss):
    """ReLU(d_F(A, P) − d_F(A, N) + μ), averaged over the triplets that ``mining`` chooses.

    - ``all``: every triplet of the batch that violates the margin.
    - ``semi_hard``: of those, the ones whose negative is farther than the positive (Schroff et al., 2015).
    - ``random``: one random positive and one random negative for each anchor (Algorithm 1), violating or not.

    Called with labels (n,) and unit vectors (n, m); returns a scalar, 0 where no triplet remains.
    """

    def __init__(self, margin: float, mining: str = "all", seed: int = 0, name: str = "triplet_loss") -> None:
        super().__init__(name=name, reduction=None)
        self.margin = margin
        self.mining = mining
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, y_true: KerasTensor, y_pred: KerasTensor) -> KerasTensor:
        labels = ops.reshape(y_true, (-1, 1))
        same = ops.equal(labels, ops.transpose(labels))
        positive = ops.logical_and(same, ops.logical_not(ops.eye(ops.shape(labels)[0], dtype="bool")))
        negative = ops.logical_not(same)
        distance = 2 - 2 * ops.matmul(y_pred, ops.transpose(y_pred))  # Eq. 1 of unit vectors

        if self.mining == "random":
            chosen_positive, has_positive = self._draw(positive)
            chosen_negative, has_negative = self._draw(negative)
            loss = ops.relu(
                ops.sum(distance * chosen_positive, axis=1) - ops.sum(distance * chosen_negative, axis=1) + self.margin
            )
            counted = has_positive * has_negative
            return ops.sum(loss * counted) / ops.maximum(ops.sum(counted), 1.0)

        # Axes: anchor, positive, negative. An infinite distance violates nothing, so no n³ mask is needed.
        to_positive = ops.where(positive, distance, -np.inf)[:, :, None]
        to_negative = ops.where(negative, distance, np.inf)[:, None, :]
        violating = to_negative < to_positive + self.margin
        if self.mining == "semi_hard":
            violating = ops.logical_and(violating, to_negative > to_positive)
        # Each distance is weighted by its number of such triplets, so gradients pass through only n² numbers.
        violating = ops.stop_gradient(ops.cast(violating, "float32"))
        of_positive, of_negative = ops.sum(violating, axis=2), ops.sum(violating, axis=1)
        count = ops.sum(of_positive)
        return ops.sum(distance * (of_positive - of_negative)) / ops.maximum(count, 1.0) + self.margin * ops.sign(count)

    def _draw(self, allowed: KerasTensor) -> tuple[KerasTensor, KerasTensor]:
        """Choose one allowed column per row: one-hot (n, n), and whether there was any (n,)."""
        scores = ops.where(allowed, keras.random.uniform(ops.shape(allowed), seed=self.seed_generator), -1.0)
        any_allowed = ops.cast(ops.any(allowed, axis=1), "float32")
        return ops.one_hot(ops.argmax(scores, axis=1), ops.shape(allowed)[1]), any_allowed
