"""The margin α, Fig. 12 and the trade-off behind it."""

from collections.abc import Mapping
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from masquerade.atomic import replacing
from masquerade.evaluation.pca import Projection
from masquerade.figures import REAL, SPREAD, TEMPLATE


def draw_alphas(
    path: Path,
    panels: Mapping[float, tuple[Projection, np.ndarray]],
    real: np.ndarray,
    labels: np.ndarray,
    names: np.ndarray,
    title: str,
) -> None:
    """For each α, draw the embeddings in 3-D above the template of one image; the real image comes first."""
    columns = len(panels) + 1
    figure = plt.figure(figsize=(2.1 * columns, 4), layout="constrained")
    images = {"real": real} | {f"α = {alpha:g}": image for alpha, (_, image) in panels.items()}
    for column, (name, image) in enumerate(images.items(), start=1):
        axis = figure.add_subplot(2, columns, columns + column, xticks=[], yticks=[], title=name)
        axis.imshow(image.squeeze(), cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        axis.grid(False)
    for column, (projection, _) in enumerate(panels.values(), start=2):
        axis = figure.add_subplot(2, columns, column, projection="3d")
        for color, label in enumerate(np.unique(labels)):
            chosen = labels == label
            style = {"color": f"C{color}", "s": 4, "alpha": 0.5}
            axis.scatter(*projection.real[chosen].T, marker="o", label=f"real {names[label]}", **style)
            axis.scatter(*projection.template[chosen].T, marker="x", label=f"template {names[label]}", **style)
        axis.set(xticklabels=[], yticklabels=[], zticklabels=[])
    handles, texts = axis.get_legend_handles_labels()
    key = figure.add_subplot(2, columns, 1)
    key.axis("off")
    key.legend(handles, texts, frameon=False, fontsize=7, loc="center", markerscale=2)
    figure.suptitle(title)
    with replacing(path) as temporary:
        figure.savefig(temporary)
    plt.close(figure)


def draw_trade_off(
    path: Path, table: pd.DataFrame, distance: str, budget: float, recommended: float | None, title: str
) -> None:
    """Draw d_img, d_emb, EER and the validation images' ΔEER with its interval against α (the index of ``table``).

    Args:
        budget: largest ΔEER that one is ready to pay, 0…1.
        recommended: the α that it buys.
    """
    panels = {distance: (f"d_img ({distance})", REAL), "d_emb": ("d_emb (Eq. 10)", SPREAD), "eer": ("EER", TEMPLATE)}
    figure, axes = plt.subplots(1, 4, figsize=(12, 2.8), layout="constrained")
    for axis, (column, (label, color)) in zip(axes[:3], panels.items(), strict=True):
        axis.plot(table.index, table[column], "o-", color=color)
        axis.set(xlabel="margin α", ylabel=label)
    axes[1].axline((0, 0), slope=1, color="k", lw=0.6, ls=":")  # d_emb = α
    low, high = (table[f"validation_delta_eer_{end}"] for end in ("low", "high"))
    axes[3].vlines(table.index, low, high, color=TEMPLATE)  # an interval need not contain its estimate
    axes[3].plot(table.index, table["validation_delta_eer"], "o", ms=4, color=TEMPLATE)
    axes[3].axhline(budget, color="k", lw=0.8, ls="--", label=f"budget {budget:.1%}")
    if recommended is not None:
        axes[3].axvline(recommended, color=REAL, lw=0.8, label=f"α = {recommended:g}")
    axes[3].legend(frameon=False, fontsize=7)
    axes[3].set(xlabel="margin α", ylabel="ΔEER, validation images")
    for axis in axes[2:]:
        axis.yaxis.set_major_formatter("{x:.1%}")
    figure.suptitle(title)
    with replacing(path) as temporary:
        figure.savefig(temporary)
    plt.close(figure)
