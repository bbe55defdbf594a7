"""A figure of what could not be measured: it says why."""

from pathlib import Path

import matplotlib.pyplot as plt

from masquerade.figures.palette import save_in_few_colours


def draw_words(path: Path, words: str, title: str) -> None:
    """Write words into an empty figure."""
    figure, axis = plt.subplots(figsize=(5.5, 1.6), layout="constrained")
    axis.text(0.5, 0.5, words, ha="center", va="center", wrap=True, parse_math=False, transform=axis.transAxes)
    axis.set_axis_off()
    figure.suptitle(title)
    save_in_few_colours(path, figure)
