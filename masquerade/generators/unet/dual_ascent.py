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

from masquerade.generators.losses import Weights
from masquerade.training import Course, Row, predict

SHARE = 0.95
"""Share of images whose d_emb must be at most α."""

DEVIATIONS = 2.33
"""The share of validation images within α must be this many standard deviations above SHARE: with 99 % confidence,
SHARE of all images are then within α. Images of one person are counted as independent."""

FIRST_MULTIPLIER = 1 / 3
"""λ of the first epoch: π_emb is 0.25."""

LARGEST_MULTIPLIER = 1e4
"""Largest λ; the smallest is one over it."""

TINY = 1e-6
"""What counts as d_emb 0."""

INTEGRAL, PROPORTIONAL = 0.4, 0.5
"""How fast log λ follows the excess log(quantile of d_emb / α), which counts as at most 1, and its change."""

WINDOW = 8
"""Epochs over which d_img must have stopped growing."""

GROWTH = 0.02
"""Relative growth of d_img from one window to the next that still counts."""

COOLING = 0.5
"""Share of the steps in which the learning rate falls to zero at the end."""


class DualAscent(Course):
    """The course of a training with ``pi_emb: auto``.

    Its curves are ``multiplier`` (λ), ``margin``, ``learning_rate``, ``val_d_emb_quantile`` and ``val_within_alpha``.

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
        multiplier, margin = next_multiplier(rows, self.alpha), next_margin(rows, self.alpha)
        self.weights.assign(multiplier / (1 + multiplier), margin)
        first, last = cooling(rows, self.alpha, self.epochs)
        progress = max(0.0, (len(rows) - first + 0.5) / (last - first))
        rate = float(self.rate * (1 + np.cos(np.pi * progress)) / 2)
        self.optimizer.learning_rate.assign(rate)
        self.now = {"multiplier": multiplier, "margin": margin, "learning_rate": rate}

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


def next_multiplier(rows: Sequence[Row], alpha: float) -> float:
    """Return λ of the next epoch, from the curves of those before it."""
    if not rows:
        return FIRST_MULTIPLIER
    excess = [np.log(max(row["val_d_emb_quantile"], TINY) / max(alpha, TINY)) for row in rows[-2:]]
    change = INTEGRAL * np.clip(excess[-1], -1, 1) + PROPORTIONAL * (excess[-1] - excess[0])
    return float(np.clip(rows[-1]["multiplier"] * np.exp(change), 1 / LARGEST_MULTIPLIER, LARGEST_MULTIPLIER))


def next_margin(rows: Sequence[Row], alpha: float) -> float:
    """Return the margin of Eq. 9: the mean of the training images' d_emb at which the quantile would be α.

    With α itself, the loss would see only the images beyond it, and a few images beyond α stay there: what lowers their
    d_emb lowers that of all images.
    """
    if not rows:
        return alpha
    return alpha * float(np.clip(rows[-1]["embedding_d_emb"] / max(rows[-1]["val_d_emb_quantile"], TINY), 0.1, 1))


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
    return bool(rows[-1]["val_d_emb_quantile"] <= alpha and later <= (1 + GROWTH) * earlier)


def beyond(curves: pd.DataFrame, alpha: float) -> list[str]:
    """Return a warning if the training ended with the constraint violated."""
    within = curves["val_within_alpha"].iloc[-1]
    if within >= SHARE:
        return []
    return [f"d_emb is beyond α = {alpha:g} for more than {1 - SHARE:.0%} of the validation images"]
