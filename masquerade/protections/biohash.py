"""BioHash: the signs of random orthonormal projections.

Jin, Ling and Goh 2004, "Biohashing: two factor authentication featuring fingerprint data and tokenised random number".
The token gives random vectors, orthonormalised by Gram–Schmidt. Bit i is 1 if the inner product of the embedding with
the i-th vector is above the threshold τ, else 0. Here τ = 0, which cuts the unit sphere in half. The score is the share
of bits that differ.

There are no more than m orthonormal vectors. If there are more bits, they come in blocks of at most m, each orthonormal
in itself and independent of the others.

A template here has ±1 for its bits, so the cosine of two is 1 − 2·(share that differs).
"""

from functools import partial

import numpy as np

from masquerade.protections.base import Protection, Token, unit
from masquerade.protections.orthonormal import project


def biohash(vectors: np.ndarray, token: Token, bits: int) -> np.ndarray:
    """Protect unit vectors (n, m), float32 ±1 (n, bits)."""
    return np.where(_projections(vectors, token, bits) > 0, 1, -1).astype(np.float32)


def unlock(templates: np.ndarray, token: Token, m: int) -> np.ndarray:
    """Sum the vectors of all bits, each with the sign of its bit: the mean of the embeddings with these bits."""
    return unit(templates @ _projections(np.eye(m, dtype=np.float32), token, templates.shape[1]).T)


def protection(bits: int) -> Protection:
    """BioHash with this many bits."""
    return Protection(
        f"BioHash, {bits} bits", "Jin, Ling and Goh 2004", lambda m: bits, partial(biohash, bits=bits), unlock
    )


def _projections(vectors: np.ndarray, token: Token, bits: int) -> np.ndarray:
    stream, m = token.stream(), vectors.shape[1]
    return np.hstack([project(vectors, min(m, bits - start), stream) for start in range(0, bits, m)])
