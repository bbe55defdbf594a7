"""Mean distances of images within a class: Table 3."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from masquerade.evaluation.arms import BASELINE, OWN_TEMPLATE, REAL_TEMPLATE, TEMPLATE_TEMPLATE, Arm


def class_distances(real: np.ndarray, generated: Mapping[str, np.ndarray]) -> dict[Arm, dict[str, float]]:
    """Average the pixel distances of one class for the comparisons of Table 3.

    Args:
        real: uint8 (n, h, w, c), n ≥ 2.
        generated: by generator, of the same shape; image i is the template of real image i.

    Returns:
        The mean squared error ``mse``, in [0, 1], and Eq. 12 as ``euclidean``: over all pairs of two different real
        images or templates, and over each image with its own template.
    """
    pixels = real[0].size

    def flat(images: np.ndarray) -> np.ndarray:
        return images.reshape(len(images), pixels) / np.float64(255)

    different = ~np.eye(len(real), dtype=bool)
    x = flat(real)
    squares = {BASELINE: _sums_of_squares(x, x)[different]}
    for generator, images in generated.items():
        t = flat(images)
        crossed = _sums_of_squares(x, t)
        squares[Arm(generator, REAL_TEMPLATE)] = crossed[different]
        squares[Arm(generator, TEMPLATE_TEMPLATE)] = _sums_of_squares(t, t)[different]
        squares[Arm(generator, OWN_TEMPLATE)] = crossed.diagonal()
    return {
        arm: {"mse": float(np.mean(square) / pixels), "euclidean": float(np.mean(np.sqrt(square)) / pixels)}
        for arm, square in squares.items()
    }


def table3(
    real: np.ndarray, generated: Mapping[str, np.ndarray], labels: np.ndarray, names: list[str], classes: list[int]
) -> pd.DataFrame:
    """Apply :func:`class_distances` to each class, in the order of ``classes``; classes of one image are left out.

    Returns:
        One row per class, generator and comparison.
    """
    rows = []
    for label in classes:
        chosen = labels == label
        if np.count_nonzero(chosen) < 2:
            continue
        measured = class_distances(real[chosen], {name: images[chosen] for name, images in generated.items()})
        rows += [(names[label], *arm, means["mse"], means["euclidean"]) for arm, means in measured.items()]
    table = pd.DataFrame(rows, columns=["class", "generator", "comparison", "mse", "euclidean"])
    return table.set_index(["class", "generator", "comparison"])


def _sums_of_squares(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    sums = np.sum(a**2, axis=1)[:, None] + np.sum(b**2, axis=1)[None, :] - 2 * a @ b.T
    return np.maximum(sums, 0)
