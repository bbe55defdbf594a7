"""Linkability: scores of mated and non-mated pairs, and what each score gives away."""

from collections.abc import Mapping
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

from masquerade.figures import REAL, SPREAD, TEMPLATE
from masquerade.figures.palette import save_in_few_colours


def draw_linkability(path: Path, panels: Mapping[str, pd.DataFrame], title: str) -> None:
    """Draw a panel for each generator.

    Args:
        panels: title → table of :func:`masquerade.attacks.linkability.link`.
    """
    figure, axes = plt.subplots(1, len(panels), figsize=(3.2 * len(panels), 2.8), squeeze=False, layout="constrained")
    for axis, (name, table) in zip(axes[0], panels.items(), strict=True):
        axis.step(table.index, table["mated"], where="mid", color=TEMPLATE, label="mated")
        axis.step(table.index, table["non_mated"], where="mid", color=REAL, label="non-mated")
        axis.set(title=name, xlabel="distance", ylabel="share of the pairs")
        local = axis.twinx()
        local.plot(table.index, table["d"], color=SPREAD, lw=0.8, ls=":", label="D(s)")
        local.set(ylim=(0, 1.02))
        local.grid(visible=False)
    axes[0, 0].legend(frameon=False, fontsize=7)
    figure.suptitle(title)
    save_in_few_colours(path, figure)
