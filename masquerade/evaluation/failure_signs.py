"""Numbers that reveal the failures of Table 5, which d_img and d_emb do not."""

import numpy as np
import pandas as pd

from masquerade.evaluation.likeness import correlations, edges
from masquerade.evaluation.templates import Templates
from masquerade.images import to_float

TOGETHER = 256
"""Images converted to float per batch."""


def failure_signs(images: np.ndarray, templates: Templates) -> dict[str, float]:
    """Compare uint8 images (n, h, w, c) with their templates.

    Returns:
        ``mse`` and ``d_emb``, means over the images, and the sign of each failure:
        ``spread``, largest range of a pixel over all templates, 0…1: 0 means one blank image whatever the input;
        ``edge_correlation``, mean correlation of the edge maps of X and T, −1…1: near 1 means the contours remain;
        ``gamma_r2``, mean share of T's variance that a straight line in X's grey levels explains, 0…1: near 1 means
        only brightness and contrast changed, a negative included.
    """
    parts = range(0, len(images), TOGETHER)
    means = pd.concat(_of_each(images[i : i + TOGETHER], templates.images[i : i + TOGETHER]) for i in parts).mean()
    return {
        "mse": float(means["mse"]),
        "d_emb": float(templates.d_emb.mean()),
        "spread": float(np.ptp(templates.images, axis=0).max() / 255),
        "edge_correlation": float(means["edge_correlation"]),
        "gamma_r2": float(means["gamma_r2"]),
    }


def _of_each(images: np.ndarray, templates: np.ndarray) -> pd.DataFrame:
    x, t = to_float(images), to_float(templates)
    return pd.DataFrame(
        {
            "mse": np.mean((x - t) ** 2, axis=(1, 2, 3), dtype=np.float64),
            "edge_correlation": correlations(edges(x), edges(t)),
            "gamma_r2": correlations(x, t) ** 2,
        }
    )
