"""How well the embedder separates classes, and how it was trained."""

from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

from masquerade.atomic import replacing
from masquerade.figures import REAL, TEMPLATE


def draw_embedder(path: Path, histogram: pd.DataFrame, curves: pd.DataFrame | None, title: str) -> None:
    """Draw the genuine and impostor distributions of d_F and, for an embedder trained here, its loss.

    Args:
        histogram: columns ``genuine`` and ``impostor``, densities by d_F (the index, 0…4).
        curves: ``loss`` and ``val_loss`` by epoch.
    """
    panels = 1 if curves is None else 2
    figure, axes = plt.subplots(1, panels, figsize=(4.4 * panels, 2.8), squeeze=False, layout="constrained")
    for column, color in [("genuine", REAL), ("impostor", TEMPLATE)]:
        axes[0, 0].fill_between(histogram.index, histogram[column], step="mid", alpha=0.5, color=color, label=column)
    axes[0, 0].set(xlabel="squared distance d_F (Eq. 1)", ylabel="density")
    axes[0, 0].legend(frameon=False)
    if curves is not None:
        axes[0, 1].plot(curves.index, curves["loss"], color=REAL, label="training")
        axes[0, 1].plot(curves.index, curves["val_loss"], color=TEMPLATE, ls="--", label="held out")
        axes[0, 1].set(xlabel="epoch", ylabel="triplet loss (Eq. 4)")
        axes[0, 1].legend(frameon=False)
    figure.suptitle(title)
    with replacing(path) as temporary:
        figure.savefig(temporary)
    plt.close(figure)
