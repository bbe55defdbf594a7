"""Rows of images: Fig. 1, 8 and the examples of Table 5."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from masquerade.atomic import replacing
from masquerade.figures.shrink import shrink


def draw_sheet(
    path: Path,
    rows: Sequence[Sequence[np.ndarray] | np.ndarray],
    title: str,
    row_names: Sequence[str] = (),
    column_names: Sequence[str] = (),
) -> None:
    """Draw a grid of uint8 images (h, w, c) of one shape, without smoothing; c is 1 for grey."""
    columns = max(len(row) for row in rows)
    height, width, channels = next(image.shape for row in rows for image in row)
    gap = max(1, height // 10)
    # One large image, because matplotlib takes seconds for a hundred axes
    sheet = np.full((len(rows) * (height + gap) - gap, columns * (width + gap) - gap, channels), 255, np.uint8)
    for row, images in enumerate(rows):
        for column, image in enumerate(images):
            top, left = row * (height + gap), column * (width + gap)
            sheet[top : top + height, left : left + width] = image
    figure, axis = plt.subplots(figsize=(0.9 * columns + 1, 0.9 * len(rows) + 0.5), layout="constrained")
    axis.imshow(sheet.squeeze(), cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    axis.set_yticks(np.arange(len(row_names)) * (height + gap) + height / 2, row_names)
    axis.set_xticks(np.arange(len(column_names)) * (width + gap) + width / 2, column_names, fontsize=8)
    axis.tick_params(length=0, top=False, bottom=False, labeltop=True, labelbottom=False)
    axis.spines[:].set_visible(False)
    axis.grid(False)
    figure.suptitle(title)
    with replacing(path) as temporary:
        figure.savefig(temporary)
        shrink(temporary, temporary)  # a sheet of grey images takes half as much
    plt.close(figure)
