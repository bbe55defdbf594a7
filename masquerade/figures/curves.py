"""Training curves."""

from collections.abc import Mapping
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

from masquerade.atomic import replacing
from masquerade.figures import REAL, TEMPLATE


def draw_curves(path: Path, curves: pd.DataFrame, panels: Mapping[str, str], title: str) -> None:
    """Draw one panel per quantity: its training curve and, if there is one, its validation curve.

    What a training lacks is left out; what spans several powers of ten has a logarithmic axis.

    Args:
        curves: one row per epoch (``index.name``); the validation value of a column has the prefix ``val_``.
        panels: column → label of its axis.
    """
    panels = {column: label for column, label in panels.items() if column in curves}
    figure, axes = plt.subplots(1, len(panels), figsize=(3.4 * len(panels), 2.8), squeeze=False, layout="constrained")
    for axis, (column, label) in zip(axes[0], panels.items(), strict=True):
        axis.plot(curves.index, curves[column], "o-", ms=3, color=REAL, label="training")
        if f"val_{column}" in curves:
            axis.plot(curves.index, curves[f"val_{column}"], "o--", ms=3, color=TEMPLATE, label="validation")
        axis.set(xlabel=curves.index.name, ylabel=label)
        if 0 < 1000 * curves[column].min() < curves[column].max():
            axis.set_yscale("log")
            axis.yaxis.set_major_formatter("{x:g}")  # not 10³ as a formula, which names of classes must not be either
    axes[0, 0].legend(frameon=False)
    figure.suptitle(title)
    with replacing(path) as temporary:
        figure.savefig(temporary)
    plt.close(figure)
