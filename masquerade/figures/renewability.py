"""Renewability: revoked templates against genuine probes, and one image's templates under key after key."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from masquerade.figures import REAL, SPREAD, TEMPLATE
from masquerade.figures.palette import save_in_few_colours


class Panel(NamedTuple):
    """One kind of generator.

    Attributes:
        valid, revoked: densities of :meth:`masquerade.evaluation.pairs.Comparison.histogram`.
        images: uint8 (r + 1, h, w, c), the template of an image before and after each renewal.
        eers: (r + 1).
    """

    valid: pd.DataFrame
    revoked: pd.DataFrame
    images: np.ndarray
    eers: Sequence[float]


def draw_renewability(path: Path, panels: Mapping[str, Panel], threshold: float, title: str) -> None:
    """Draw two panels for each kind of generator: distances of genuine probes, and renewed templates.

    Args:
        threshold: of the operating point.
    """
    columns = len(panels)
    figure, axes = plt.subplots(
        2, columns, figsize=(4 * columns, 4.6), squeeze=False, layout="constrained", height_ratios=(2, 1)
    )
    for (above, below), (name, its) in zip(axes.T, panels.items(), strict=True):
        for table, column, colour, words in (
            (its.valid, "genuine", REAL, "genuine, valid key"),
            (its.revoked, "genuine", TEMPLATE, "genuine, revoked"),
            (its.valid, "impostor", SPREAD, "impostor, valid key"),
        ):
            dashes = "--" if table is its.revoked else "-"  # without a key both genuine lines are one
            above.step(table.index, table[column], where="mid", color=colour, ls=dashes, label=words)
        above.axvline(threshold, color="k", lw=0.6, ls=":", label="threshold")
        above.set(title=name, xlabel="distance to the probe", ylabel="density")
        height, width, channels = its.images.shape[1:]
        gap = max(1, width // 10)
        sheet = np.full((height, len(its.images) * (width + gap) - gap, channels), 255, np.uint8)
        for at, image in enumerate(its.images):
            sheet[:, at * (width + gap) : at * (width + gap) + width] = image
        below.imshow(sheet.squeeze(), cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        ticks = [f"EER {its.eers[0]:.1%}", *(f"{eer:.1%}" for eer in its.eers[1:])]
        below.set_xticks(np.arange(len(ticks)) * (width + gap) + width / 2, ticks, fontsize=7)
        below.set(yticks=[], title="a template, and renewed" if len(ticks) > 1 else "a template: renewed, the same")
        below.tick_params(length=0)
        below.spines[:].set_visible(False)
        below.grid(False)
    axes[0, 0].legend(frameon=False, fontsize=7)
    figure.suptitle(title)
    save_in_few_colours(path, figure)
