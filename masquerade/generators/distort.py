"""From images to stored templates."""

import keras
import numpy as np

from masquerade.evaluation.templates import Templates
from masquerade.generators.refine import refine
from masquerade.images import to_uint8
from masquerade.training import predict

CHUNK = 1024
"""Images converted to float per batch, a multiple of the network's batch size; all of LFW would take several GB."""


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
        stored[chosen] = to_uint8(templates)
    return Templates(stored, targets, predict(embedder, stored))
