"""From pictures to stored templates."""

import keras
import numpy as np
import pandas as pd

from masquerade.distances import DISTANCES, distance
from masquerade.evaluation.templates import Templates
from masquerade.generators.refine import refine
from masquerade.training import Batches, predict

CHUNK = 1024
"""Pictures whose floats are in memory at once, whole batches of them: all of LFW would take several GB."""


def distort(generator: keras.Model, embedder: keras.Model, images: np.ndarray, refinement: int = 0) -> Templates:
    """Make templates of uint8 images (n, h, w, c) and embed the pixels that would be stored, not G's floats.

    Args:
        refinement: gradient steps on each template, see :mod:`masquerade.generators.refine`.
    """
    targets = predict(embedder, images)
    stored = np.empty_like(images)
    for start in range(0, len(images), CHUNK):
        chosen = slice(start, start + CHUNK)
        templates = refine(predict(generator, images[chosen]), targets[chosen], embedder, refinement)
        stored[chosen] = np.round(templates * 255)
    return Templates(stored, targets, predict(embedder, stored))


def picture_distances(images: np.ndarray, templates: Templates, beta: float) -> pd.DataFrame:
    """Measure how far each template is from its picture: every d_img of Section 3.2 and d_emb, one row a picture."""
    functions = {name: distance(name, beta) for name in DISTANCES}
    rows = [
        pd.DataFrame({name: keras.ops.convert_to_numpy(d(y["stored"], x)) for name, d in functions.items()})
        for x, y in Batches(images, {"stored": templates.images})
    ]
    return pd.concat(rows, ignore_index=True).assign(d_emb=templates.d_emb).rename_axis("picture")
