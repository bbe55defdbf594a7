"""Protections of embeddings beside each other: error rates and linkability."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from masquerade.figures import REAL, SPREAD, TEMPLATE
from masquerade.figures.palette import save_in_few_colours


def draw_protections(path: Path, table: pd.DataFrame, title: str) -> None:
    """Draw a row for each scheme.

    Args:
        table: as ``protections.csv``: ``title``, EERs with their intervals, D_sys with its floor.
    """
    size = (8.4, 1.1 + 0.34 * len(table))
    figure, (rates, links) = plt.subplots(1, 2, figsize=size, sharey=True, layout="constrained")
    rows = np.arange(len(table))
    for scenario, color, shift, label in (
        ("normal", REAL, -0.14, "impostors have tokens of their own"),
        ("stolen", TEMPLATE, 0.14, "impostors have the victim's token, or there is none"),
    ):
        eer, low, high = (100 * table[f"eer_{scenario}{end}"].to_numpy(float) for end in ("", "_low", "_high"))
        rates.hlines(rows + shift, low, high, color=color, lw=1)
        rates.plot(eer, rows + shift, "o", color=color, ms=4, label=label)
    for token, color, shift, label in (
        ("", REAL, -0.14, "tokens secret, or none"),
        ("_stolen", TEMPLATE, 0.14, "tokens stolen"),
    ):
        links.plot(table[f"d_sys{token}"].to_numpy(float), rows + shift, "o", color=color, ms=4, label=label)
    links.hlines(rows - 0.14, table["floor_d_sys"], table["floor_d_sys_high"], color=SPREAD, lw=4, label="by chance")
    rates.set_yticks(rows, table["title"])
    rates.set(xlabel="EER, %", xlim=(-0.5, None), ylim=(len(table) - 0.5, -0.5))
    links.set(xlabel="linkability, D_sys", xlim=(-0.02, 1.02))
    for axis in (rates, links):
        axis.legend(loc="lower center", bbox_to_anchor=(0.5, 1), frameon=False, fontsize=7)
    figure.suptitle(title)
    save_in_few_colours(path, figure)
