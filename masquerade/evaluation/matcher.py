"""Probes against the vectors of everybody who is enrolled: one matrix in memory, compared by d_F (Eq. 1).

The paper's mock recognition system (Section 5.4) is one of these, and so is what a service identifies with.
"""

from collections.abc import Hashable

import numpy as np

from masquerade.errors import InputError
from masquerade.evaluation.pairs import squared_distances

TOGETHER = 64
"""Probes per matrix product: with a million templates their distances take 256 MB."""


class Matcher:
    """Embeddings of templates by identity, and one threshold that decides.

    Args:
        threshold: largest d_F (Eq. 1) that still matches, 0…4.
    """

    def __init__(self, threshold: float) -> None:
        self.threshold = threshold
        self._vectors = np.empty((0, 0), np.float32)
        self._owners = np.empty(0, np.int64)
        self._count = 0
        self._rows: dict[Hashable, list[int]] = {}
        self._identities: list[Hashable] = []
        self._numbers: dict[Hashable, int] = {}

    def __len__(self) -> int:
        return self._count

    def enroll(self, identity: Hashable, templates: np.ndarray) -> None:
        """Store the embeddings (k, m) of an identity's templates beside those it already has."""
        if not len(templates):
            raise InputError(f"identity {identity} cannot be enrolled without a template")
        self._reserve(len(templates), templates.shape[1])
        if identity not in self._numbers:
            self._numbers[identity] = len(self._identities)
            self._identities.append(identity)
        new = range(self._count, self._count + len(templates))
        self._vectors[new.start : new.stop] = templates
        self._owners[new.start : new.stop] = self._numbers[identity]
        self._rows.setdefault(identity, []).extend(new)
        self._count = new.stop

    def remove(self, identity: Hashable) -> None:
        """Forget an identity's templates; an unknown one has none."""
        for row in sorted(self._rows.pop(identity, ()), reverse=True):
            last = self._count - 1
            if row != last:  # the last one fills the gap
                self._vectors[row], self._owners[row] = self._vectors[last], self._owners[last]
                moved = self._rows[self._identities[self._owners[last]]]
                moved[moved.index(last)] = row
            self._count = last

    def distances(self, identity: Hashable, probes: np.ndarray) -> np.ndarray:
        """Return d_F of probes (n, m) to each template of an identity, (n, k)."""
        if identity not in self._rows:
            raise InputError(f"identity {identity} is not enrolled")
        return squared_distances(probes, self._vectors[self._rows[identity]])

    def verify(self, identity: Hashable, probes: np.ndarray) -> np.ndarray:
        """Tell whether probes (n, m) match the nearest template of the identity they claim, bool (n,)."""
        return self.distances(identity, probes).min(axis=1) <= self.threshold

    def identify(self, probes: np.ndarray) -> list[Hashable | None]:
        """Return the identity with the nearest template for each probe (n, m), None where none is near enough."""
        return [
            found[0][0] if found and found[0][1] <= self.threshold else None for found in self.nearest(probes, count=1)
        ]

    def nearest(self, probes: np.ndarray, count: int) -> list[list[tuple[Hashable, float]]]:
        """Return the identities with the nearest templates for each probe (n, m), each once, nearest first.

        Returns:
            At most ``count`` pairs of identity and d_F for each probe.
        """
        found = []
        for start in range(0, len(probes), TOGETHER):
            found += [self._first(row, count) for row in self._all(probes[start : start + TOGETHER])]
        return found

    def _all(self, probes: np.ndarray) -> np.ndarray:
        if not self._count:
            return np.empty((len(probes), 0), np.float32)
        return squared_distances(probes, self._vectors[: self._count])

    def _first(self, distances: np.ndarray, count: int) -> list[tuple[Hashable, float]]:
        wanted = count
        while True:  # until the nearest templates belong to enough identities
            wanted = min(wanted, len(distances))
            chosen = (
                np.argpartition(distances, wanted - 1)[:wanted] if 0 < wanted < len(distances) else np.arange(wanted)
            )
            chosen = chosen[np.lexsort((chosen, distances[chosen]))]
            _, first = np.unique(self._owners[chosen], return_index=True)
            if len(first) >= count or wanted == len(distances):
                kept = chosen[np.sort(first)[:count]]
                return [(self._identities[self._owners[row]], float(distances[row])) for row in kept]
            wanted *= 4

    def _reserve(self, more: int, dimension: int) -> None:
        needed = self._count + more
        if needed > len(self._vectors):
            size = max(needed, 2 * len(self._vectors), 16)
            vectors, owners = np.empty((size, dimension), np.float32), np.empty(size, np.int64)
            if self._count:
                vectors[: self._count], owners[: self._count] = (
                    self._vectors[: self._count],
                    self._owners[: self._count],
                )
            self._vectors, self._owners = vectors, owners
