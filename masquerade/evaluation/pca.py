"""Embeddings before and after distortion in three dimensions (Fig. 11), and how far they really moved."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA


@dataclass(frozen=True)
class Projection:
    """Principal components of real and template embeddings together.

    Attributes:
        real, template: (n, 3) coordinates.
        explained: (3,) share of the variance along each axis.
    """

    real: np.ndarray
    template: np.ndarray
    explained: np.ndarray


def project(real: np.ndarray, template: np.ndarray) -> Projection:
    """Fit one PCA to F(X) and F(T), (n, m) each, and project both."""
    pca = PCA(n_components=3, svd_solver="full").fit(np.concatenate([real, template]))
    return Projection(pca.transform(real), pca.transform(template), pca.explained_variance_ratio_)


def displacements(real: np.ndarray, template: np.ndarray, labels: np.ndarray, names: list[str]) -> pd.DataFrame:
    """Measure in all m dimensions what the figure shows in three.

    Returns:
        One row per class: ``displacement``, mean ‖F(T) − F(X)‖; ``within``, mean distance of F(X) to the class mean;
        ``to_nearest_class``, distance of the class mean to the nearest other; ``ratio``, displacement over the latter.
    """
    present = np.unique(labels)
    means = np.stack([real[labels == label].mean(axis=0) for label in present])
    between = np.linalg.norm(means[:, None] - means[None], axis=2) + np.diag(np.full(len(present), np.inf))
    rows = {}
    for label, mean, nearest in zip(present, means, between.min(axis=1), strict=True):
        chosen = labels == label
        displacement = np.linalg.norm(template[chosen] - real[chosen], axis=1).mean()
        within = np.linalg.norm(real[chosen] - mean, axis=1).mean()
        rows[names[label]] = {
            "displacement": displacement,
            "within": within,
            "to_nearest_class": nearest,
            "ratio": displacement / nearest,
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("class")
