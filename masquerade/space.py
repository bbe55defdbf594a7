"""The space of a lock as a file of its own, for whoever needs no network."""

from dataclasses import dataclass

import numpy as np

from masquerade.arrays import ArrayFile
from masquerade.lock import Components


@dataclass(frozen=True)
class Space(ArrayFile):
    """What a keyed generator rotates codes in.

    Attributes:
        kernel: (V·D)ᵀ, float64 (k, m), see :class:`masquerade.lock.Components`.
    """

    kernel: np.ndarray

    @property
    def components(self) -> Components:
        """V and D."""
        return Components.of(self.kernel)
