"""Locking an embedding with a key, inside the space that F's embeddings fill.

s = D⁻¹·Vᵀ·F(X), locked = unit(V·D·R·s), with the k leading principal components V (m, k) of the training embeddings
and D = λ^(w/2), where λ are their variances and w is the share of the whitening. R·s/‖s‖ is uniform on the sphere for a
random rotation R, whatever X is, and the locked vector is a function of it alone (docs/keys.md). Whitened by half, a
locked vector stays where F reaches, and no component drowns.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from masquerade.errors import InputError
from masquerade.keys import Keyring

if TYPE_CHECKING:
    import keras

LAYER = "components"
"""Name of a keyed generator's layer that holds V and D."""


class TooFewDimensionsError(ValueError):
    """There are not as many components as asked for."""


@dataclass(frozen=True)
class Components:
    """The space in which vectors are rotated.

    Attributes:
        directions: V, float64 (m, k), orthonormal.
        scales: D, float64 (k,), positive.
    """

    directions: np.ndarray
    scales: np.ndarray

    @classmethod
    def fit(cls, vectors: np.ndarray, count: int, whitening: float) -> Self:
        """Fit V and D to the embeddings (n, m) of training images.

        Args:
            count: k.
            whitening: w, 0 (none) to 1 (full).

        Raises:
            TooFewDimensionsError: the embeddings fill fewer than k dimensions.
        """
        variances, directions = np.linalg.eigh(np.cov(vectors.astype(np.float64), rowvar=False))
        variances, directions = variances[::-1][:count], directions[:, ::-1][:, :count]
        if len(variances) < count or variances[-1] <= 1e-9 * variances[0]:
            raise TooFewDimensionsError(f"the embeddings fill fewer than {count} dimensions")
        return cls(directions, variances ** (whitening / 2))

    @classmethod
    def of(cls, kernel: np.ndarray) -> Self:
        """Read V and D from :attr:`kernel`."""
        scales = np.linalg.norm(kernel.astype(np.float64), axis=1)
        return cls((kernel / scales[:, None]).T, scales)

    @property
    def kernel(self) -> np.ndarray:
        """(V·D)ᵀ, float64 (k, m)."""
        return (self.directions * self.scales).T

    def codes(self, vectors: np.ndarray) -> np.ndarray:
        """Return s/‖s‖ of embeddings (n, m), float64 (n, k)."""
        return _unit((vectors.astype(np.float64) @ self.directions) / self.scales)

    def vectors(self, codes: np.ndarray) -> np.ndarray:
        """Return unit(V·D·s) of codes (n, k), float32 (n, m)."""
        return _unit(codes @ self.kernel).astype(np.float32)


def components_of(generator: "keras.Model") -> Components:
    """Read the space from a keyed generator."""
    (kernel,) = generator.get_layer(LAYER).get_weights()
    return Components.of(kernel)


@dataclass(frozen=True)
class Lock:
    """The components and the keys of n records: vector i is locked with the key of record i.

    Attributes:
        bits: b, fewer than there are components: of R·s only the first b signs are kept, as ±1/√b. A stolen key then
            gives b bits of an embedding, not all of it. None: everything.
    """

    components: Components
    keys: Keyring
    bits: int | None = None

    def __post_init__(self) -> None:
        if self.bits is not None and self.bits >= len(self.components.scales):
            raise InputError(
                f"evaluation.keys.bits: {self.bits} are not fewer than the {len(self.components.scales)} components"
            )

    def codes(self, vectors: np.ndarray) -> np.ndarray:
        """Return R·s/‖s‖ of embeddings (n, m), or its signs, float64 (n, k)."""
        return self._kept(_turned(self.components.codes(vectors), self.keys.rotations(len(self.components.scales))))

    def lock(self, vectors: np.ndarray) -> np.ndarray:
        """Return locked unit vectors, float32 (n, m), of embeddings (n, m)."""
        return self.components.vectors(self.codes(vectors))

    def unlock(self, vectors: np.ndarray) -> np.ndarray:
        """Undo :meth:`lock`: return the parts of the embeddings inside V as unit vectors, float32 (n, m).

        Of signs it is the middle of all embeddings that have them.
        """
        back = (rotation.T for rotation in self.keys.rotations(len(self.components.scales)))
        return self.components.vectors(_turned(self._kept(self.components.codes(vectors)), back))

    def _kept(self, codes: np.ndarray) -> np.ndarray:
        if self.bits is None:
            return codes
        kept = np.zeros_like(codes)
        kept[:, : self.bits] = np.where(codes[:, : self.bits] < 0, -1, 1) / np.sqrt(self.bits)
        return kept


def _turned(codes: np.ndarray, rotations: Iterable[np.ndarray]) -> np.ndarray:
    return np.stack([rotation @ code for rotation, code in zip(rotations, codes, strict=True)])


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
