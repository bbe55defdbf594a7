"""How well the judges identify the images of one method in each view."""

from collections.abc import Callable, Mapping
from typing import Any, cast

import numpy as np
import pandas as pd

from masquerade.data.image_set import ImageSet
from masquerade.evaluation.likeness import correlations, structural_similarities, unit
from masquerade.evaluation.pairs import compare
from masquerade.images import to_float
from masquerade.recognisability.features import Features
from masquerade.recognisability.views import views


def read(
    images: np.ndarray,
    real: ImageSet,
    judges: Mapping[str, Features],
    detect: Callable[[np.ndarray], np.ndarray] | None = None,
    detections: int | None = None,
) -> pd.DataFrame:
    """Let every judge identify and verify distorted images against a gallery of real ones, in every view.

    Args:
        images: float32 (n, h, w, c) in [0, 1]; image i is made from real image i.
        real: the gallery, n images. An image is never compared with the one it is made from.
        detect: tells in which images a detector finds a face, bool (n,).
        detections: number of images of each view that the detector sees, the first ones; None: all.

    Returns:
        One row per ``view`` and ``judge``: :func:`rank_1`, and ``eer``, 0.5 by chance. With a detector, another row
        per view with the judge ``detector`` and its share ``detected``.
    """
    gallery = {name: unit(features(to_float(real.images))) for name, features in judges.items()}
    mean = images.mean(axis=0)
    rows: dict[tuple[str, str], dict[str, float]] = {}
    shown = {}
    for view, look in views(images.shape[-1]).items():
        seen = look(images, mean)
        for judge, features in judges.items():
            probes = unit(features(seen))
            rows[view, judge] = {
                "rank_1": rank_1(probes, gallery[judge], real.labels),
                "eer": compare(probes, gallery[judge], real.labels, real.subjects).rates.eer,
            }
        if detect is not None:
            rows[view, "detector"] = {}
            shown[view] = seen[:detections].copy()
    if detect is not None:  # all views together: its networks are slow to start
        found = detect(np.concatenate(list(shown.values()))).reshape(len(shown), -1)
        for view, share in zip(shown, found.mean(axis=1), strict=True):
            rows[view, "detector"]["detected"] = share
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(["view", "judge"])


def headline(reading: pd.DataFrame, images: np.ndarray, real: ImageSet) -> dict[str, Any]:
    """Summarise what :func:`read` returned for ``images`` by the view that reveals most.

    Returns:
        ``rank_1`` with its ``view`` and ``judge``; ``judge_eer``, the lowest of all views and judges; ``detected``, the
        highest of all views; ``correlation`` (mean absolute Pearson correlation) and ``ssim`` (windows of 7 pixels) of
        the best view with the real images.
    """
    view, judge = cast(tuple[str, str], reading["rank_1"].idxmax())
    seen = views(images.shape[-1])[view](images, images.mean(axis=0))
    best = {"rank_1": reading["rank_1"].max(), "view": view, "judge": judge, "judge_eer": reading["eer"].min()}
    if "detected" in reading:
        best["detected"] = reading["detected"].max()
    return best | _likeness(seen, to_float(real.images))


def rank_1(probes: np.ndarray, gallery: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of probes whose nearest class, by its mean gallery vector, is their own.

    Args:
        probes, gallery: unit vectors (n, m); gallery vector i belongs to probe i and is left out of the means that
            the probe is compared with.
        labels: int (n,); a class with one image cannot be found and is not counted.
    """
    names, labels = np.unique(labels, return_inverse=True)
    sums = np.eye(len(names), dtype=np.float32)[:, labels] @ gallery
    similarities = probes @ unit(sums).T
    similarities[np.arange(len(labels)), labels] = np.sum(probes * unit(sums[labels] - gallery), axis=1)
    countable = np.bincount(labels)[labels] >= 2
    return float(np.mean(similarities.argmax(axis=1)[countable] == labels[countable]))


def _likeness(images: np.ndarray, real: np.ndarray) -> dict[str, float]:
    similarities = structural_similarities(images, real)
    return {"correlation": float(np.abs(correlations(images, real)).mean()), "ssim": float(similarities.mean())}
