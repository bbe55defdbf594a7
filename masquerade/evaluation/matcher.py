"""Probes against the vectors of everybody who is enrolled: matrix products in memory, compared by d_F (Eq. 1).

The paper's mock recognition system (Section 5.4) is one of these, and so is what a service identifies with.
"""

import os
from collections.abc import Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from masquerade.blas import one_thread
from masquerade.errors import InputError
from masquerade.evaluation.pairs import squared_distances

TOGETHER = 64
"""Probes per matrix product: their distances to a block take 16 MB."""

ROWS = 1 << 16
"""Vectors in a block. What is enrolled later goes into further blocks, and no vector is ever copied to make room."""


class Matcher:
    """Embeddings of templates by identity, and one threshold that decides.

    A million templates with 128 dimensions take 0.75 GB, a third of it for the names of as many people.

    Args:
        threshold: largest d_F (Eq. 1) that still matches, 0…4.
    """

    def __init__(self, threshold: float) -> None:
        self.threshold = threshold
        self._blocks: list[np.ndarray] = []
        self._owners: list[Hashable] = []  # of each row
        self._rows: dict[Hashable, tuple[int, ...]] = {}

    def __len__(self) -> int:
        return len(self._owners)

    def enroll(self, identity: Hashable, templates: np.ndarray) -> None:
        """Store the embeddings (k, m) of an identity's templates beside those it already has."""
        if not len(templates):
            raise InputError(f"identity {identity} cannot be enrolled without a template")
        self.enroll_all([identity] * len(templates), templates)

    def enroll_all(self, identities: Sequence[Hashable], templates: np.ndarray) -> None:
        """Store the embeddings (n, m) of templates, one of each of n identities, which may repeat."""
        new: dict[Hashable, list[int]] = {}
        for row, identity in enumerate(identities, len(self)):
            new.setdefault(identity, []).append(row)
        for identity, rows in new.items():
            self._rows[identity] = (*self._rows.get(identity, ()), *rows)
        added = 0
        while added < len(templates):
            number, start = divmod(len(self), ROWS)
            if number == len(self._blocks):
                self._blocks.append(np.empty((ROWS, templates.shape[1]), np.float32))
            part = slice(added, added + ROWS - start)
            its = templates[part]
            self._blocks[number][start : start + len(its)] = its
            self._owners += identities[part]
            added += len(its)

    def remove(self, identity: Hashable) -> None:
        """Forget an identity's templates; an unknown one has none."""
        for row in sorted(self._rows.pop(identity, ()), reverse=True):
            last = len(self) - 1
            owner = self._owners.pop()
            if row != last:  # the last one fills the gap
                self._row(row)[:] = self._row(last)
                self._owners[row] = owner
                self._rows[owner] = tuple(row if each == last else each for each in self._rows[owner])

    def distances(self, identity: Hashable, probes: np.ndarray) -> np.ndarray:
        """Return d_F of probes (n, m) to each template of an identity, (n, k)."""
        if identity not in self._rows:
            raise InputError(f"identity {identity} is not enrolled")
        return squared_distances(probes, self._vectors(np.array(self._rows[identity])))

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
        found: list[list[tuple[Hashable, float]]] = []
        for start in range(0, len(probes), TOGETHER):
            together = probes[start : start + TOGETHER]
            rows, distances = self.nearest_rows(together, count)
            for probe, its_rows, its_distances in zip(together, rows, distances, strict=True):
                found.append(self._people(probe, its_rows, its_distances, count))
        return found

    def nearest_rows(self, probes: np.ndarray, wanted: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the numbers of the nearest templates of each probe (n, m), and their d_F, nearest first.

        Returns:
            Two arrays (n, min(wanted, templates)). Templates count in the order of their enrolment, from 0.
        """

        def near(start: int) -> tuple[np.ndarray, np.ndarray]:
            distances = squared_distances(probes, self._blocks[start // ROWS][: len(self) - start])
            kept = min(wanted, distances.shape[1])
            rows = np.argpartition(distances, kept - 1, axis=1)[:, :kept]
            return rows + start, np.take_along_axis(distances, rows, axis=1)

        starts = range(0, len(self), ROWS)
        if not starts or wanted < 1:
            return np.empty((len(probes), 0), np.int64), np.empty((len(probes), 0), np.float32)
        if len(starts) == 1:
            parts = [near(0)]
        else:
            # Each processor reads blocks of its own; two that share a product wait for each other.
            with one_thread(), ThreadPoolExecutor(os.cpu_count()) as pool:
                parts = list(pool.map(near, starts))
        rows, distances = (np.concatenate(part, axis=1) for part in zip(*parts, strict=True))
        order = np.lexsort((rows, distances), axis=1)[:, :wanted]
        return np.take_along_axis(rows, order, axis=1), np.take_along_axis(distances, order, axis=1)

    def blocks(self) -> list[np.ndarray]:
        """Return the vectors in memory, float32 (…, m), in the order of their enrolment."""
        return [block[: len(self) - number * ROWS] for number, block in enumerate(self._blocks)]

    def _people(
        self, probe: np.ndarray, rows: np.ndarray, distances: np.ndarray, count: int
    ) -> list[tuple[Hashable, float]]:
        while True:  # until the nearest templates belong to enough identities
            people: dict[Hashable, float] = {}
            for row, distance in zip(rows, distances, strict=True):
                people.setdefault(self._owners[row], float(distance))
            if len(people) >= count or len(rows) == len(self):
                return list(people.items())[:count]
            (rows,), (distances,) = self.nearest_rows(probe[None], 4 * len(rows))

    def _vectors(self, rows: np.ndarray) -> np.ndarray:
        found = np.empty((len(rows), self._blocks[0].shape[1]), np.float32)
        numbers = rows // ROWS
        for number in np.unique(numbers):
            found[numbers == number] = self._blocks[number][rows[numbers == number] % ROWS]
        return found

    def _row(self, row: int) -> np.ndarray:
        return self._blocks[row // ROWS][row % ROWS]
