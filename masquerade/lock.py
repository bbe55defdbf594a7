"""Locking an embedding with a key, inside the space that F's embeddings fill.

s = D⁻¹·Vᵀ·F(X), locked = unit(V·D·R·s), with the k leading principal components V (m, k) of the training embeddings and
D = λ^(power/2), where λ are their variances. R·s/‖s‖ is uniform on the sphere for a random rotation R, whatever X is, and
the locked vector is a function of it alone. Power 0.5 whitens by half: a locked vector stays where F reaches, and no
component drowns.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from masquerade.arrays import ArrayFile


@dataclass(frozen=True)
class Lock(ArrayFile):
    """The space in which vectors are rotated.

    Attributes:
        components: V, float64 (m, k), orthonormal.
        scales: D, float64 (k,), positive.
    """

    components: np.ndarray
    scales: np.ndarray

    @classmethod
    def fit(cls, vectors: np.ndarray, components: int, power: float) -> Self:
        """Fit V and D to the embeddings (n, m) of training images.

        Args:
            components: k, at most the rank of their covariance.
            power: of the whitening, 0 (none) to 1 (full).

        Raises:
            ValueError: the embeddings fill fewer than k dimensions.
        """
        variances, directions = np.linalg.eigh(np.cov(vectors.astype(np.float64), rowvar=False))
        variances, directions = variances[::-1][:components], directions[:, ::-1][:, :components]
        if len(variances) < components or variances[-1] <= 1e-9 * variances[0]:
            raise ValueError(f"the embeddings fill fewer than {components} dimensions")
        return cls(directions, variances ** (power / 2))

    @property
    def dimension(self) -> int:
        """k, the side of a rotation."""
        return len(self.scales)

    def lock(self, vectors: np.ndarray, rotations: np.ndarray) -> np.ndarray:
        """Return locked unit vectors, float32 (n, m).

        Args:
            vectors: embeddings (n, m).
            rotations: (n, k, k), one for each; or (k, k), the same for all.
        """
        return self._decoded(np.einsum("...ij,...j->...i", rotations, self._coded(vectors)))

    def unlock(self, vectors: np.ndarray, rotations: np.ndarray) -> np.ndarray:
        """Undo :meth:`lock`: return the part of an embedding inside V as unit vectors, float32 (n, m)."""
        return self.lock(vectors, np.swapaxes(rotations, -1, -2))

    def _coded(self, vectors: np.ndarray) -> np.ndarray:
        return (vectors.astype(np.float64) @ self.components) / self.scales

    def _decoded(self, coded: np.ndarray) -> np.ndarray:
        inside = (coded * self.scales) @ self.components.T
        return (inside / np.linalg.norm(inside, axis=-1, keepdims=True)).astype(np.float32)
