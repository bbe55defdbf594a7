"""ε, the amplitude of the decoder, finds itself: it grows from small to what F needs, and saturation is penalised."""

from collections.abc import Callable, Sequence

import keras
from keras import KerasTensor, ops

from masquerade.generators.refine import ENOUGH
from masquerade.training import Course, Row

FIRST_EPSILON = 0.1
"""ε of the first epoch."""

GROWTH = 1.5
"""ε is multiplied by it after an epoch whose templates are not near enough yet."""

FULL = 0.2
"""Mean square of tanh(U) that lets ε grow."""

ROOM = 0.6
"""Mean square of tanh(U) that costs nothing. Near 1, tanh(U) is ±1 everywhere, where its slope is zero and learning
ends."""


class SaturationLoss(keras.losses.Loss):
    """What the mean square of tanh(U) has above :data:`ROOM`: called with an ignored argument and (n, h, w, c)."""

    def call(self, y_true: KerasTensor, y_pred: KerasTensor) -> KerasTensor:
        return ops.relu(mean_square(y_true, y_pred) - ROOM)


def mean_square(y_true: KerasTensor, y_pred: KerasTensor) -> KerasTensor:
    """Return the mean square of tanh(U) (n, h, w, c), 0…1, for each image, (n,); the other argument is ignored."""
    return ops.mean(ops.square(y_pred), axis=(1, 2, 3))


class Amplitude(Course):
    """The course of the training: its curve is ``epsilon``, and it ends once d_emb is at most :data:`ENOUGH`.

    Every epoch has mixtures that none before it had, so its own curves are those of embeddings it has not trained with.

    Args:
        set_epsilon: gives the decoder another ε.
        largest: the largest ε.
    """

    def __init__(self, set_epsilon: Callable[[float], None], largest: float) -> None:
        self.set_epsilon, self.largest = set_epsilon, largest

    def begin(self, rows: Sequence[Row]) -> None:
        self.epsilon = next_epsilon(rows, self.largest)
        self.set_epsilon(self.epsilon)

    def measure(self) -> Row:
        return {"epsilon": self.epsilon}

    def done(self, rows: Sequence[Row]) -> bool:
        return bool(rows) and rows[-1]["embedding_d_emb"] <= ENOUGH


def next_epsilon(rows: Sequence[Row], largest: float) -> float:
    """Return ε of the next epoch, from the curves of those before it."""
    if not rows:
        return min(FIRST_EPSILON, largest)
    epsilon = rows[-1]["epsilon"]
    return min(GROWTH * epsilon, largest) if rows[-1]["residual_square"] > FULL else epsilon
