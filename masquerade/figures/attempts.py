"""An attack's success against what it spends, a curve for each kind of template."""

from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

from masquerade.figures.palette import save_in_few_colours
from masquerade.generators import kind

STYLES = {"none": "-", "secret": "-", "stolen": "--"}
"""Of a curve, by where the key is."""


def draw_attempts(path: Path, table: pd.DataFrame, spent: str, success: str, title: str) -> None:
    """Draw a curve with its interval for each generator and key, between floor and ceiling.

    Args:
        table: fields of :class:`masquerade.attacks.finding.Finding`, by ``generator``, ``key`` and ``spent``.
        spent: what the attacker spends, a level of the index.
        success: what the values are.
    """
    figure, axis = plt.subplots(figsize=(5.5, 3.4), layout="constrained")
    for (generator, key), rows in table.groupby(level=["generator", "key"], sort=False):
        x, colour = rows.index.get_level_values(spent), kind(str(generator)).colour
        label = str(generator) if key == "none" else f"{generator}, key {key}"
        axis.errorbar(
            x, rows["value"], [rows["value"] - rows["low"], rows["high"] - rows["value"]], marker="o", ms=4, capsize=2,
            color=colour, ls=STYLES[str(key)], label=label,
        )  # fmt: skip
    axis.axhline(table["ceiling"].iloc[0], color="black", lw=0.8, ls=":", label="unprotected")
    axis.axhline(table["floor"].mean(), color="gray", lw=0.8, ls=":", label="by chance")
    axis.set(xlabel=spent, ylabel=success, ylim=(-0.02, 1.05), title=title)
    numbers = table.index.unique(spent)
    axis.set_xscale("log")
    axis.set_xticks(numbers, map(str, numbers))
    axis.set_xticks([], minor=True)
    axis.legend(frameon=False, fontsize=7)
    save_in_few_colours(path, figure)
