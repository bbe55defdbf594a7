"""Figures of lines and dots in 256 colours: a third of the bytes, and no difference that an eye sees."""

from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from PIL import Image

from masquerade.atomic import replacing


def save_in_few_colours(path: Path, figure: Figure) -> None:
    """Write a figure as PNG, whole or not at all, and close it."""
    with replacing(path) as temporary:
        figure.savefig(temporary)
        reduce_colours(temporary)
    plt.close(figure)


def reduce_colours(path: Path) -> None:
    """Write a PNG again with the 256 colours nearest to its own."""
    with Image.open(path) as file:
        image = file.convert("RGB")
    few = image.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(path, "png", optimize=True)
