"""Numbers that reveal the failures of Table 5, where d_img and d_emb do not."""

import numpy as np

from masquerade.evaluation.likeness import correlations, edges
from masquerade.evaluation.templates import Templates


def failure_signs(images: np.ndarray, templates: Templates) -> dict[str, float]:
    """Compare uint8 pictures (n, h, w, c) with their templates.

    Returns:
        ``mse`` and ``d_emb``, means over the pictures, and the sign of each failure:
        ``spread``, largest range of a pixel over all templates, 0…1: 0 means one blank picture whatever the input;
        ``edge_correlation``, mean correlation of the edge maps of X and T, −1…1: near 1 means the contours stand;
        ``gamma_r2``, mean share of T's variance that a straight line in X's grey levels explains, 0…1: near 1 means
        only brightness and contrast changed, a negative included.
    """
    x, t = images / np.float32(255), templates.images / np.float32(255)
    return {
        "mse": float(np.mean((x - t) ** 2, dtype=np.float64)),
        "d_emb": float(templates.d_emb.mean()),
        "spread": float(np.ptp(t, axis=0).max()),
        "edge_correlation": float(correlations(edges(x), edges(t)).mean()),
        "gamma_r2": float(np.mean(correlations(x, t) ** 2)),
    }
