"""The weight of Eq. 7 that finds itself: as much d_img as possible while d_emb ≤ α for most images.

The paper leaves open how its weights are tuned. Here π_emb = λ/(1 + λ), where λ is the multiplier of the constraint: it
rises while the constraint is violated on images that G does not train on, and falls while it is not (dual ascent).
λ starts small, so that G first moves away from its input: with a large one from the start, G copies it and stays there,
because the slope of a squared distance is zero.
"""

from collections.abc import Sequence

import keras
import numpy as np
import pandas as pd

from masquerade.training import Course, Row, predict

SHARE = 0.95
"""Share of images whose d_emb must be at most α."""

DEVIATIONS = 1.64
"""Of the share that is seen in the validation images: with 95 % confidence, not more than this many standard deviations
is it above that of all images."""

FIRST_WEIGHT = 1 / 3
LARGEST_WEIGHT = 1e4

INTEGRAL, PROPORTIONAL = 0.4, 0.5
"""How fast log λ follows the excess log(quantile of d_emb / α), which counts as at most 1, and its change."""

WINDOW = 8
"""Epochs over which d_img must have stopped growing."""

GROWTH = 0.02
"""Relative growth of d_img from one window to the next that still counts."""

COOLING = 0.5
"""Share of the steps in which the learning rate falls to zero at the end."""


class LossVariable(keras.Variable):
    """A scalar variable that Keras can serialise with the losses of a network."""

    def get_config(self) -> dict[str, str]:
        return {"name": self.name}


class Weights:
    """What multiplies the losses of Eq. 7, and the margin of Eq. 9, as variables, so that a compiled step reads them.

    Attributes:
        image, embedding: 1 − π_emb and π_emb.
        margin: of Eq. 9, at most α.
    """

    def __init__(self, network: keras.Model, pi_emb: float, margin: float) -> None:
        values = {"image": 1 - pi_emb, "embedding": pi_emb, "margin": margin}
        self.image, self.embedding, self.margin = (
            LossVariable(value, trainable=False, name=name) for name, value in values.items()
        )
        network.loss_variables = [self.image, self.embedding, self.margin]  # JAX updates only variables of the network

    def assign(self, pi_emb: float, margin: float) -> None:
        self.image.assign(1 - pi_emb)
        self.embedding.assign(pi_emb)
        self.margin.assign(margin)


class DualAscent(Course):
    """The course of a training with ``pi_emb: auto``.

    Its curves are ``weight`` (λ), ``margin``, ``learning_rate``, ``val_d_emb_quantile`` and ``val_within_alpha``.

    Args:
        network: compiled, X → {"generated": G(X), "embedding": F(G(X))}.
        images: uint8 (n, h, w, c), which the network does not train on.
        vectors: their F(X), (n, m).
        epochs: the largest number of them.
    """

    def __init__(
        self,
        network: keras.Model,
        weights: Weights,
        alpha: float,
        images: np.ndarray,
        vectors: np.ndarray,
        epochs: int,
    ) -> None:
        self.optimizer, self.weights, self.alpha, self.epochs = network.optimizer, weights, alpha, epochs
        self.embedded = keras.Model(network.input, network.output["embedding"])
        self.images, self.vectors = images, vectors
        self.rate = float(network.optimizer.learning_rate)

    def begin(self, rows: Sequence[Row]) -> None:
        weight, margin = next_weight(rows, self.alpha), next_margin(rows, self.alpha)
        self.weights.assign(weight / (1 + weight), margin)
        first, last = cooling(rows, self.alpha, self.epochs)
        progress = max(0.0, (len(rows) - first + 0.5) / (last - first))
        rate = float(self.rate * (1 + np.cos(np.pi * progress)) / 2)
        self.optimizer.learning_rate.assign(rate)
        self.now = {"weight": weight, "margin": margin, "learning_rate": rate}

    def measure(self) -> Row:
        d_emb = np.sum((predict(self.embedded, self.images) - self.vectors) ** 2, axis=1)  # Eq. 10
        return self.now | {
            "val_d_emb_quantile": float(np.quantile(d_emb, cautious_share(len(d_emb)))),
            "val_within_alpha": float(np.mean(d_emb <= self.alpha)),
        }

    def done(self, rows: Sequence[Row]) -> bool:
        return len(rows) >= cooling(rows, self.alpha, self.epochs)[1]


def cautious_share(count: int) -> float:
    """Return the share of ``count`` validation images that must be within α, so that :data:`SHARE` of all images are.

    It is larger the fewer there are: of 30, all.
    """
    return min(1.0, SHARE + DEVIATIONS * (SHARE * (1 - SHARE) / count) ** 0.5)


def next_weight(rows: Sequence[Row], alpha: float) -> float:
    """Return λ of the next epoch, from the curves of those before it."""
    if not rows:
        return FIRST_WEIGHT
    excess = [np.log(row["val_d_emb_quantile"] / max(alpha, 1e-6)) for row in rows[-2:]]
    change = INTEGRAL * np.clip(excess[-1], -1, 1) + PROPORTIONAL * (excess[-1] - excess[0])
    return float(np.clip(rows[-1]["weight"] * np.exp(change), 1 / LARGEST_WEIGHT, LARGEST_WEIGHT))


def next_margin(rows: Sequence[Row], alpha: float) -> float:
    """Return the margin of Eq. 9: the mean of the training images' d_emb at which the quantile would be α.

    With α itself, the loss would see only the images beyond it, and a few images beyond α stay there: what lowers their
    d_emb lowers that of all images.
    """
    if not rows:
        return alpha
    return alpha * float(np.clip(rows[-1]["embedding_d_emb"] / max(rows[-1]["val_d_emb_quantile"], 1e-6), 0.1, 1))


def cooling(rows: Sequence[Row], alpha: float, epochs: int) -> tuple[int, int]:
    """Return the epochs, counted from 0, in which cooling begins and the training ends.

    It begins once the constraint is met and d_img has stopped growing, or where ``epochs`` leave just enough time.
    """
    latest = int((1 - COOLING) * epochs)
    first = next(
        (epoch for epoch in range(2 * WINDOW, min(len(rows), latest) + 1) if _settled(rows[:epoch], alpha)), latest
    )
    return first, epochs if first == latest else min(epochs, first + round(first * COOLING / (1 - COOLING)))


def _settled(rows: Sequence[Row], alpha: float) -> bool:
    earlier, later = (
        -np.mean([row["val_generated_loss"] for row in window])
        for window in (rows[-2 * WINDOW : -WINDOW], rows[-WINDOW:])
    )
    return bool(rows[-1]["val_d_emb_quantile"] <= alpha and later <= earlier + GROWTH * abs(earlier))


def beyond(curves: pd.DataFrame, alpha: float) -> list[str]:
    """Return a warning if the training ended with the constraint violated."""
    within = curves["val_within_alpha"].iloc[-1]
    if within >= SHARE:
        return []
    return [f"d_emb is beyond α = {alpha:g} for {1 - within:.0%} of the validation images, not {1 - SHARE:.0%}"]
