"""From images to stored templates."""

import keras
import numpy as np

from masquerade.evaluation.templates import Templates
from masquerade.generators.refine import refine
from masquerade.images import to_uint8
from masquerade.lock import Lock
from masquerade.training import predict

CHUNK = 1024
"""Images converted to float per batch, a multiple of the network's batch size; all of LFW would take several GB."""


def distort(
    generator: keras.Model,
    embedder: keras.Model,
    images: np.ndarray,
    refinement: int = 0,
    lock: Lock | None = None,
) -> Templates:
    """Make templates of uint8 images (n, h, w, c) and embed the pixels that would be stored, not G's floats.

    Args:
        refinement: gradient steps on each template, see :mod:`masquerade.generators.refine`.
        lock: with the key of each image's record, for a G that takes codes. F(T) is then unlocked with the same key.
    """
    real = predict(embedder, images)
    inputs, targets = (images, real) if lock is None else (lock.codes(real).astype(np.float32), lock.lock(real))
    stored = paint(generator, embedder, inputs, targets, refinement)
    seen = predict(embedder, stored)
    return Templates(stored, real, seen if lock is None else lock.unlock(seen), seen)


def paint(
    generator: keras.Model, embedder: keras.Model, inputs: np.ndarray, targets: np.ndarray, refinement: int
) -> np.ndarray:
    """Return the templates that are stored, uint8 (n, h, w, c).

    Args:
        inputs: of G, uint8 images (n, h, w, c) or float32 codes (n, k).
        targets: unit vectors (n, m) that F(T) should be.
    """
    stored = []
    for start in range(0, len(inputs), CHUNK):
        chosen = slice(start, start + CHUNK)
        templates = refine(predict(generator, inputs[chosen]), targets[chosen], embedder, refinement)
        stored.append(to_uint8(templates))
    return np.concatenate(stored)
