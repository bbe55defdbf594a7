"""Renewal: a template under a new key, without the image."""

from collections.abc import Iterable, Iterator
from itertools import pairwise

import keras
import numpy as np

from masquerade.evaluation.templates import Templates
from masquerade.generators.distort import paint
from masquerade.lock import Lock
from masquerade.training import predict


def renew(
    generator: keras.Model, embedder: keras.Model, images: np.ndarray, old: Lock, new: Lock, refinement: int = 0
) -> Templates:
    """Unlock F(T) with the old keys, lock it with the new ones and paint it as enrolment does.

    Each renewal adds the error of one painting to what is known of F(X).

    Args:
        generator: a G that takes codes.
        images: uint8 (n, h, w, c), the templates under the old keys.
        old, new: with the keys of the n records.
        refinement: gradient steps on each template, see :mod:`masquerade.generators.refine`.

    Returns:
        The new templates; ``real_embeddings`` is what the old ones held of F(X), not F(X).
    """
    held = old.unlock(predict(embedder, images))
    stored = paint(generator, embedder, new.codes(held).astype(np.float32), new.lock(held), refinement)
    seen = predict(embedder, stored)
    return Templates(stored, held, new.unlock(seen), seen)


def renewals(
    generator: keras.Model, embedder: keras.Model, images: np.ndarray, locks: Iterable[Lock], refinement: int = 0
) -> Iterator[Templates]:
    """Renew templates (n, h, w, c) of the first lock again and again; yield those of each further lock."""
    for old, new in pairwise(locks):
        renewed = renew(generator, embedder, images, old, new, refinement)
        images = renewed.images
        yield renewed
