"""A table as a heat map."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from masquerade.atomic import replacing


def draw_heat(path: Path, table: pd.DataFrame, title: str) -> None:
    """Draw a table of shares, 0…1, with the percentage in each cell."""
    figure, axis = plt.subplots(figsize=(1 + 0.62 * table.shape[1], 0.8 + 0.34 * len(table)), layout="constrained")
    axis.imshow(table.to_numpy(float), cmap="Reds", vmin=0, vmax=1, aspect="auto")
    for (row, column), share in np.ndenumerate(table.to_numpy(float)):
        color = "white" if share > 0.6 else "black"
        axis.text(column, row, f"{100 * share:.0f}", ha="center", va="center", color=color, fontsize=8)
    axis.set_xticks(range(table.shape[1]), table.columns, rotation=40, ha="right")
    axis.set_yticks(range(len(table)), table.index)
    axis.grid(False)
    axis.set_title(title)
    with replacing(path) as temporary:
        figure.savefig(temporary)
    plt.close(figure)
