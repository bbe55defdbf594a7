"""Key recovery: what more and more known pairs give."""

from collections.abc import Mapping
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

from masquerade.attacks.key_recovery import Scope, breaks_at
from masquerade.figures import REAL, SPREAD, TEMPLATE
from masquerade.figures.palette import save_in_few_colours

SCOPES: dict[Scope, tuple[str, str]] = {
    "system": ("one key for all", TEMPLATE),
    "record": ("a key for each template", REAL),
}


def draw_key_recovery(
    path: Path, tables: Mapping[str, pd.DataFrame], dimensions: Mapping[str, int], title: str
) -> None:
    """Draw cosine and EER against the number of known pairs, a column for each kind with a key.

    Args:
        tables: generator → :meth:`masquerade.attacks.key_recovery.Victims.attack`'s.
        dimensions: generator → k.
    """
    columns = max(len(tables), 1)
    figure, axes = plt.subplots(2, columns, figsize=(4.6 * columns, 5), squeeze=False, layout="constrained")
    for column, (name, table) in enumerate(tables.items()):
        for axis, value, label in zip(axes[:, column], ("cosine", "eer"), ("mean cosine", "EER"), strict=True):
            for scope, (words, colour) in SCOPES.items():
                its = table.loc[scope]
                axis.plot(its.index, its[value], "o-", ms=3, color=colour, label=words)
            axis.axhline(table[f"right_key_{value}"].iloc[0], color=SPREAD, lw=0.8, ls="--", label="the right key")
            axis.axvline(dimensions[name], color=SPREAD, lw=0.8, ls=":", label=f"{dimensions[name]} components")
            axis.set(xscale="log", ylabel=label, xlabel="known pairs of images and templates")
            axis.xaxis.set_major_formatter("{x:g}")  # not 10², which needs mathtext
        breaks = breaks_at(table, "system")
        after = "holds out" if breaks is None else f"breaks at {breaks} pairs"
        axes[0, column].set_title(f"{name}: one key for all {after}")
    if not tables:
        for axis in axes[:, 0]:
            axis.text(0.5, 0.5, "no generator has a key", ha="center", transform=axis.transAxes)
    else:
        axes[0, 0].legend(frameon=False, fontsize=7)
    figure.suptitle(title)
    save_in_few_colours(path, figure)
