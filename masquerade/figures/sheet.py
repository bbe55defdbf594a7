"""Rows of pictures: Fig. 1, 8 and the examples of Table 5."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from masquerade.atomic import replacing


def draw_sheet(
    path: Path,
    rows: Sequence[Sequence[np.ndarray] | np.ndarray],
    title: str,
    row_names: Sequence[str] = (),
    column_names: Sequence[str] = (),
) -> None:
    """Draw uint8 pictures (h, w, c) in a grid with optional names, grey ones in grey, pixels unsmoothed."""
    columns = max(len(row) for row in rows)
    figure, axes = plt.subplots(
        len(rows), columns, figsize=(0.9 * columns + 1, 0.9 * len(rows) + 0.5), squeeze=False, layout="constrained"
    )
    for axis in axes.flat:
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set_visible(False)
        axis.grid(False)
    for row, pictures in enumerate(rows):
        for column, picture in enumerate(pictures):
            axes[row, column].imshow(picture.squeeze(), cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    for axis, name in zip(axes[:, 0], row_names, strict=False):
        axis.set_ylabel(name, rotation=0, ha="right", va="center")
    for axis, name in zip(axes[0], column_names, strict=False):
        axis.set_title(name, fontsize=8)
    figure.suptitle(title)
    with replacing(path) as temporary:
        figure.savefig(temporary)
    plt.close(figure)
