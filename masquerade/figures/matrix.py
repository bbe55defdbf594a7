"""Confusion matrices, Table 4."""

from pathlib import Path
from string import ascii_lowercase

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from masquerade.atomic import replacing
from masquerade.evaluation.arms import REAL


def draw_matrices(path: Path, rows: pd.DataFrame, title: str) -> None:
    """Draw one matrix per row; the columns are generator, tp, fn, fp, tn and f1."""
    figure, axes = plt.subplots(1, len(rows), figsize=(3 * len(rows), 3), squeeze=False, layout="constrained")
    for letter, axis, (_, row) in zip(ascii_lowercase[: len(rows)], axes[0], rows.iterrows(), strict=True):
        matrix = np.array([[row["tp"], row["fn"]], [row["fp"], row["tn"]]], dtype=float)
        axis.imshow(matrix, cmap="Blues", vmin=0, vmax=matrix.sum(axis=1).max())
        for (actual, predicted), count in np.ndenumerate(matrix):
            dark = count > matrix.sum(axis=1).max() / 2
            axis.text(predicted, actual, f"{count:.0f}", ha="center", va="center", color="white" if dark else "black")
        axis.set_xticks([0, 1], ["accepted", "rejected"])
        axis.set_yticks([0, 1], ["genuine", "impostor"])
        axis.grid(False)
        stored = "real images" if row["generator"] == REAL else f"{row['generator']} templates"
        axis.set_title(f"({letter}) {stored} stored\nF1 {row['f1']:.2%}", fontsize=8)
    figure.suptitle(title)
    with replacing(path) as temporary:
        figure.savefig(temporary)
    plt.close(figure)
