"""Oracles: what scores and answers give away, by what they cost."""

from collections.abc import Mapping
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

from masquerade.attacks.oracles import ROUNDED
from masquerade.evaluation.arms import REAL
from masquerade.figures import REAL as BLUE
from masquerade.figures.palette import save_in_few_colours
from masquerade.generators import kind

PANELS = (
    (ROUNDED, "verifies", "scores of two digits: accepted"),
    ("answers", "verifies", "accept or reject: accepted"),
    ("answers", "near", "accept or reject: to half the threshold"),
)
"""Oracle, column and title. Exact scores look like rounded ones."""


def draw_oracles(path: Path, tables: Mapping[str, pd.DataFrame], title: str) -> None:
    """Draw the shares of the templates against the number of queries, a panel for each oracle.

    Args:
        tables: generator, or ``real`` → table of :meth:`masquerade.attacks.oracles.Attacker.attack`.
    """
    figure, axes = plt.subplots(1, len(PANELS), figsize=(3.8 * len(PANELS), 3), sharey=True, layout="constrained")
    for axis, (oracle, column, words) in zip(axes, PANELS, strict=True):
        for name, table in tables.items():
            its = table.loc[oracle]
            style = {"color": BLUE, "ls": "--"} if name == REAL else {"color": kind(name).colour}
            axis.plot(its.index, its[column], "o", ms=3, label=name, **{"ls": "-"} | style)
        axis.set(title=words, xscale="log", xlabel="queries", ylim=(-0.03, 1.03))
        axis.xaxis.set_major_formatter("{x:g}")  # not 10², which needs mathtext
    axes[0].set_ylabel("share of the templates found")
    axes[0].legend(frameon=False, fontsize=7)
    figure.suptitle(title)
    save_in_few_colours(path, figure)
