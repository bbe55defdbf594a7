"""Mean distances of pictures within a class: Table 3."""

import numpy as np
import pandas as pd


def class_distances(real: np.ndarray, generated: np.ndarray) -> dict[str, float]:
    """Average the pixel distances of one class in the setups of Table 3.

    Args:
        real, generated: uint8 (n, h, w, c), n ≥ 2; generated picture i is the template of real picture i.

    Returns:
        For each of ``real_gen``, ``real_real``, ``gen_gen`` (all pairs of two different pictures of the class) and
        ``real_own_gen`` (each picture with its own template): the mean squared error under ``<setup>_mse``, in
        [0, 1], and Eq. 12 under ``<setup>_euclidean``.
    """
    pixels = real[0].size
    flat = {
        "real": real.reshape(len(real), pixels) / np.float64(255),
        "gen": generated.reshape(len(real), pixels) / np.float64(255),
    }
    different = ~np.eye(len(real), dtype=bool)
    squares = {
        f"{a}_{b}": _sums_of_squares(flat[a], flat[b]) for a, b in [("real", "gen"), ("real", "real"), ("gen", "gen")]
    }
    chosen = {setup: square[different] for setup, square in squares.items()}
    chosen["real_own_gen"] = squares["real_gen"].diagonal()
    means = {f"{setup}_mse": float(np.mean(square) / pixels) for setup, square in chosen.items()}
    return means | {f"{setup}_euclidean": float(np.mean(np.sqrt(square)) / pixels) for setup, square in chosen.items()}


def table3(
    real: np.ndarray, generated: np.ndarray, labels: np.ndarray, names: list[str], classes: list[int]
) -> pd.DataFrame:
    """One row a class, in the order of ``classes``; a class with one picture has no pairs and is left out."""
    rows = {
        names[label]: class_distances(real[labels == label], generated[labels == label])
        for label in classes
        if np.count_nonzero(labels == label) >= 2
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("class")


def _sums_of_squares(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    sums = np.sum(a**2, axis=1)[:, None] + np.sum(b**2, axis=1)[None, :] - 2 * a @ b.T
    return np.maximum(sums, 0)
