"""Refinement at enrolment: a few gradient steps on a template's pixels bring F(T) nearer to F(X). Not in the paper."""

import keras
import numpy as np
from keras import KerasTensor, layers, ops

from masquerade.distances.embedding import embedding_distance

ENOUGH = 0.02
"""d_emb, a tenth of the usual α, at which a template needs no further step."""

TOGETHER = 16
"""Templates per batch."""


MOMENTUM = 0.8
"""Share of the last step in the next one: as near to F(X) in 20 steps as without in 60."""


class PolyakStep(keras.optimizers.Optimizer):
    """The step of Polyak (1987) towards a distance of zero, separately for each image (axis 0), with momentum.

    For a distance d with gradient ∇d the step is d / ‖∇d‖² · ∇d. With g = ∇d / d, the gradient of ln d, it is g / ‖g‖²:
    no learning rate is needed. A share of the last step is added (the heavy ball, Polyak 1964), unless the gradient is
    zero: then the image stays.
    """

    def build(self, variables: list[keras.Variable]) -> None:
        if not self.built:
            super().build(variables)
            self.last = [self.add_variable_from_reference(variable, name="step") for variable in variables]

    def forget(self) -> None:
        """Begin anew, with other images."""
        for step in getattr(self, "last", ()):
            step.assign(ops.zeros_like(step))

    def update_step(self, gradient: KerasTensor, variable: keras.Variable, learning_rate: KerasTensor) -> None:
        last = self.last[self._get_variable_index(variable)]
        square = ops.sum(ops.square(gradient), axis=tuple(range(1, len(gradient.shape))), keepdims=True)
        step = MOMENTUM * last + learning_rate * gradient / ops.maximum(square, 1e-12)
        self.assign(last, ops.where(square > 0, step, ops.zeros_like(step)))
        self.assign_sub(variable, last)


class Pixels(layers.Layer):
    """Trainable images (n, h, w, c) in [0, 1]; the input is ignored."""

    def build(self, input_shape: tuple[int, int, int, int]) -> None:
        self.pixels = self.add_weight(input_shape, constraint=lambda pixels: ops.clip(pixels, 0, 1), name="pixels")

    def call(self, inputs: KerasTensor) -> KerasTensor:
        return ops.convert_to_tensor(self.pixels)


def refine(templates: np.ndarray, targets: np.ndarray, embedder: keras.Model, steps: int) -> np.ndarray:
    """Move templates so that the frozen F maps them nearer to their targets.

    The target is F(X), so a template that depends on the image through F(X) alone still does.

    Args:
        templates: float32 (n, h, w, c) in [0, 1].
        targets: unit vectors (n, m), F(X).
        embedder: F, images (n, h, w, c) → unit vectors (n, m).
        steps: gradient steps at most, for each template until its d_emb is at most :data:`ENOUGH`; 0 returns the
            templates as they are.

    Returns:
        float32 (n, h, w, c) in [0, 1].
    """
    if not steps:
        return templates
    embedder.trainable = False
    images = layers.Input(batch_shape=(TOGETHER, *templates.shape[1:]))
    pixels = Pixels()
    network = keras.Model(images, embedder(pixels(images), training=False))
    network.compile(
        PolyakStep(1.0),
        loss=lambda target, found: ops.sum(ops.log(ops.maximum(embedding_distance(found, target), ENOUGH))),
    )
    least = TOGETHER * np.log(ENOUGH)
    refined = []
    for start in range(0, len(templates), TOGETHER):
        chosen = np.resize(np.arange(start, min(start + TOGETHER, len(templates))), TOGETHER)  # repeats fill the batch
        pixels.pixels.assign(templates[chosen])
        network.optimizer.forget()
        for _ in range(steps):
            if network.train_on_batch(templates[chosen], targets[chosen]) < least + 1e-3:
                break  # all of them are near enough: the step has moved none
        refined.append(ops.convert_to_numpy(pixels.pixels)[: len(templates) - start])
    return np.concatenate(refined)
