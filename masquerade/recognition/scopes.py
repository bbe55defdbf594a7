"""What is compared in memory: vectors unlocked with the key of each record, or locked ones with one key for all."""

import os
from abc import ABC, abstractmethod
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from masquerade.blas import one_thread
from masquerade.keys import Keyring, MasterKey, Record
from masquerade.lock import Components, Lock

TOGETHER = 256
"""Records that a thread unlocks at once."""


@dataclass(frozen=True)
class Scope(ABC):
    """Which records share a key, and how a probe is compared with many of them.

    Attributes:
        system: name of the system.
        components: the space in which keys rotate.
    """

    system: str
    components: Components

    @abstractmethod
    def record(self, subject: str, number: int) -> Record:
        """Return what the key of a template belongs to."""

    @abstractmethod
    def probes(self, vectors: np.ndarray, key: MasterKey) -> np.ndarray:
        """Return what F of probes, (n, m), become for a comparison, float32 (n, m)."""

    @abstractmethod
    def enrolled(self, records: Sequence[Record], vectors: np.ndarray, key: MasterKey) -> np.ndarray:
        """Return what F of n templates, (n, m), become, float32 (n, m).

        2 − 2·⟨probe, enrolled⟩ is d_F of F(probe) and the unlocked vector of the template.
        """


class KeyForEachRecord(Scope):
    """Templates of a person cannot be linked; a gallery is unlocked record by record, half a millisecond each."""

    def record(self, subject: str, number: int) -> Record:
        return Record(self.system, subject, number)

    def probes(self, vectors: np.ndarray, key: MasterKey) -> np.ndarray:
        return vectors

    def enrolled(self, records: Sequence[Record], vectors: np.ndarray, key: MasterKey) -> np.ndarray:
        def unlocked(start: int) -> np.ndarray:
            part = slice(start, start + TOGETHER)
            return Lock(self.components, Keyring(key, records[part])).unlock(vectors[part])

        with one_thread(), ThreadPoolExecutor(os.cpu_count()) as pool:
            return np.concatenate(list(pool.map(unlocked, range(0, len(records), TOGETHER))))


class OneKey(Scope):
    """All templates have the same key: the probe is locked instead, and the gallery stays as it is stored.

    Unlocking t is linear up to the length: unit(M·t) with M = V·D·Rᵀ·D⁻¹·Vᵀ (docs/keys.md). So ⟨F(X), unlocked t⟩ is
    ⟨Mᵀ·F(X), t/‖M·t‖⟩: the same distances, and the same thresholds.
    """

    def record(self, subject: str, number: int) -> Record:
        return Record(self.system)

    def probes(self, vectors: np.ndarray, key: MasterKey) -> np.ndarray:
        return vectors.astype(np.float32, copy=False) @ self._unlocking(key)

    def enrolled(self, records: Sequence[Record], vectors: np.ndarray, key: MasterKey) -> np.ndarray:
        return vectors / np.linalg.norm(vectors @ self._unlocking(key).T, axis=1, keepdims=True)

    def _unlocking(self, key: MasterKey) -> np.ndarray:
        """M, float32 (m, m)."""
        space = self.components
        back = key.rotation(Record(self.system), len(space.scales)).T
        return ((space.directions * space.scales) @ back @ (space.directions / space.scales).T).astype(np.float32)


SCOPES: dict[str, type[Scope]] = {"record": KeyForEachRecord, "system": OneKey}
