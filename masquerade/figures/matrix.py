"""Confusion matrices, Table 4."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from masquerade.atomic import replacing

NAMES = {
    "real_real": "(a) real pictures stored",
    "real_template": "(b) distorted pictures stored",
    "real_unet": "(c) the U-Net's stored",
    "real_veiled": "(c) veiled templates stored",
}


def draw_matrices(path: Path, rows: pd.DataFrame, title: str) -> None:
    """Draw one matrix a row with the columns arm, tp, fn, fp, tn and f1."""
    figure, axes = plt.subplots(1, len(rows), figsize=(3 * len(rows), 3), squeeze=False, layout="constrained")
    for axis, (_, row) in zip(axes[0], rows.iterrows(), strict=True):
        matrix = np.array([[row["tp"], row["fn"]], [row["fp"], row["tn"]]], dtype=float)
        axis.imshow(matrix, cmap="Blues", vmin=0, vmax=matrix.sum(axis=1).max())
        for (actual, predicted), count in np.ndenumerate(matrix):
            dark = count > matrix.sum(axis=1).max() / 2
            axis.text(predicted, actual, f"{count:.0f}", ha="center", va="center", color="white" if dark else "black")
        axis.set_xticks([0, 1], ["accepted", "rejected"])
        axis.set_yticks([0, 1], ["genuine", "impostor"])
        axis.grid(False)
        axis.set_title(f"{NAMES[row['arm']]}\nF1 {row['f1']:.2%}", fontsize=8)
    figure.suptitle(title)
    with replacing(path) as temporary:
        figure.savefig(temporary)
    plt.close(figure)
