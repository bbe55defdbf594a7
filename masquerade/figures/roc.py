"""ROC and DET curves, Fig. 13."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy.special import ndtri

from masquerade.atomic import replacing
from masquerade.evaluation.arms import BASELINE, REAL_REAL, REAL_TEMPLATE, TEMPLATE_TEMPLATE, Arm
from masquerade.figures import REAL
from masquerade.generators import kind

LINES = {REAL_REAL: "-", REAL_TEMPLATE: "-", TEMPLATE_TEMPLATE: "--"}


def draw_roc(path: Path, curves: Mapping[Arm, pd.DataFrame], title: str) -> None:
    """Draw true match rate against false match rate, the latter on a logarithmic axis.

    Args:
        curves: columns ``fmr`` and ``fnmr``, see :meth:`masquerade.evaluation.verification.Rates.table`.
    """

    def draw(axis: Axes) -> None:
        for arm, curve in curves.items():
            axis.step(curve["fmr"], 1 - curve["fnmr"], where="post", **_style(arm))
        axis.set(xscale="log", xlim=(1e-4, 1), ylim=(0.6, 1.005), xlabel="false match rate", ylabel="true match rate")
        axis.xaxis.set_major_formatter("{x:g}")  # not 10⁻⁴, which needs mathtext

    _draw(path, draw, title)


def draw_det(path: Path, curves: Mapping[Arm, pd.DataFrame], title: str) -> None:
    """Draw false non-match rate against false match rate on normal-deviate axes."""
    ticks = np.array([0.001, 0.01, 0.05, 0.2, 0.5])

    def draw(axis: Axes) -> None:
        for arm, curve in curves.items():
            axis.plot(ndtri(curve["fmr"]), ndtri(curve["fnmr"]), **_style(arm))
        limits = ndtri([5e-4, 0.6])
        axis.plot(limits, limits, color="k", lw=0.6, ls=":")  # where the EER lies
        axis.set(xlim=limits, ylim=limits, xlabel="false match rate", ylabel="false non-match rate")
        axis.set_xticks(ndtri(ticks), [f"{tick:.1%}" for tick in ticks])
        axis.set_yticks(ndtri(ticks), [f"{tick:.1%}" for tick in ticks])

    _draw(path, draw, title)


def _style(arm: Arm) -> dict[str, Any]:
    label = {
        REAL_REAL: "real probe, real reference",
        REAL_TEMPLATE: f"real probe, {arm.generator} template",
        TEMPLATE_TEMPLATE: f"{arm.generator} probe, {arm.generator} template",
    }[arm.comparison]
    color = REAL if arm == BASELINE else kind(arm.generator).colour
    return {"color": color, "ls": LINES[arm.comparison], "label": label}


def _draw(path: Path, draw: Callable[[Axes], None], title: str) -> None:
    figure, axis = plt.subplots(figsize=(4.6, 4), layout="constrained")
    draw(axis)
    axis.set_title(title)
    axis.legend(frameon=False, fontsize=7)
    with replacing(path) as temporary:
        figure.savefig(temporary)
    plt.close(figure)
