"""Templates of the same images under other keys, as two attacks read them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from masquerade.arrays import ArrayFile
from masquerade.data.image_set import ImageSet
from masquerade.evaluation.keys import keys_of
from masquerade.lock import Components, Lock
from masquerade.params import Params


@dataclass(frozen=True)
class Rekeyed(ArrayFile):
    """What the stage ``rekey`` paints.

    Attributes:
        renewed: float32 (r, n, m), F(T) of each renewal in a row, unlocked with its keys.
        shown: uint8 (r, h, w, c), the first template of each renewal.
        drawn: uint8 (d, l, h, w, c), templates of those images that are linked, not refined, from draws of all keys.
        seen: float32 (d, l, m), F(T) of these as it is without keys.
    """

    renewed: np.ndarray
    shown: np.ndarray
    drawn: np.ndarray
    seen: np.ndarray


def locks_in_a_row(
    params: Params, modality: str, test: ImageSet, components: Components, renewals: int
) -> Iterator[Lock]:
    """Yield the lock of the stored templates and those of their renewals, each with keys of its own."""
    names, bits = test.names[test.labels].tolist(), params.evaluation.keys.bits
    yield Lock(components, keys_of(params, modality, "held-out", names), bits)
    for renewal in range(1, renewals + 1):
        yield Lock(components, keys_of(params, modality, f"renewal {renewal}", names, "record"), bits)
