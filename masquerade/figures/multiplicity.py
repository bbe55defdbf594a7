"""Record multiplicity: what stolen records give, and what keeping fewer bits costs."""

from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

from masquerade.figures.palette import save_in_few_colours


def draw_multiplicity(path: Path, table: pd.DataFrame, title: str) -> None:
    """Draw the cosine with F(X) and the EER against the number of stolen records, a curve for each number of bits.

    Args:
        table: ``cosine`` and ``eer`` by ``generator``, ``bits`` and ``records``.
    """
    numbers = table.index.unique("records")
    figure, axes = plt.subplots(1, 2, figsize=(7.5, 3), layout="constrained")
    for column, axis, label in (("cosine", axes[0], "cosine with F(X)"), ("eer", axes[1], "EER against plain probes")):
        for (generator, bits), rows in table.groupby(level=["generator", "bits"], sort=False):
            records = rows.index.get_level_values("records")
            axis.plot(records, rows[column], marker="o", ms=3, label=f"{generator}, {bits} bits")
        axis.set(xscale="log", xlabel="stolen records of one image", ylabel=label)
        axis.set_xticks(numbers, map(str, numbers))
        axis.set_xticks([], minor=True)
        axis.set_ylim(bottom=0)
    if len(table):
        axes[0].legend(frameon=False, fontsize=7)
    figure.suptitle(title)
    save_in_few_colours(path, figure)
