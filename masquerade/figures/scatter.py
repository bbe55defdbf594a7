"""Principal components of embeddings, Fig. 11."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from masquerade.evaluation.pca import Projection
from masquerade.figures.palette import save_in_few_colours


def draw_scatter(
    path: Path, projections: Mapping[str, Projection], labels: np.ndarray, names: np.ndarray, title: str
) -> None:
    """Draw real (dot) and template (cross) embeddings of each class, in 3-D and on the first two axes.

    Args:
        projections: by generator; each is a row of the figure.
    """
    figure = plt.figure(figsize=(10, 4.2 * len(projections)), layout="constrained")
    figure.get_layout_engine().set(wspace=0.12)  # type: ignore  # 3-D axes reserve none
    for row, (generator, projection) in enumerate(projections.items()):
        solid = figure.add_subplot(len(projections), 2, 2 * row + 1, projection="3d")
        flat = figure.add_subplot(len(projections), 2, 2 * row + 2)
        for color, label in enumerate(np.unique(labels)):
            chosen = labels == label
            for points, marker, side in [(projection.real, "o", "real"), (projection.template, "x", "template")]:
                style: dict[str, Any] = {"color": f"C{color}", "marker": marker, "s": 14, "alpha": 0.6}
                solid.scatter(*points[chosen].T, **style)
                flat.scatter(points[chosen, 0], points[chosen, 1], label=f"{side} {names[label]}", **style)
        shares = [f"component {axis + 1} ({share:.0%})" for axis, share in enumerate(projection.explained)]
        solid.set(xlabel=shares[0], ylabel=shares[1], zlabel=shares[2])
        flat.set(xlabel=shares[0], ylabel=shares[1], title=generator)
        flat.legend(frameon=False, fontsize=7, loc="center left", bbox_to_anchor=(1, 0.5))
    figure.suptitle(title)
    save_in_few_colours(path, figure)
