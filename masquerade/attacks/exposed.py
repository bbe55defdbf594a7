"""What an attacker sees of each kind of template, with and without its key."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from masquerade.attacks.finding import Key
from masquerade.evaluation.templates import Templates
from masquerade.generators import kind


class Exposed(NamedTuple):
    """Templates as one attacker sees them.

    Attributes:
        generator: their kind.
        key: where their key is.
        images: uint8 (n, h, w, c).
        embeddings: F(T), unit vectors (n, m), unlocked if the key is stolen.
    """

    generator: str
    key: Key
    images: np.ndarray
    embeddings: np.ndarray


def exposed(stored: Mapping[str, Templates]) -> Iterator[Exposed]:
    """Yield the templates of each kind: once if it has no key, else without its key and with it."""
    for name, its in stored.items():
        if kind(name).source is None:
            yield Exposed(name, "none", its.images, its.seen_embeddings)
        else:
            yield Exposed(name, "secret", its.images, its.seen_embeddings)
            yield Exposed(name, "stolen", its.images, its.template_embeddings)
