"""Index-of-Max hashing by Gaussian random projection, IoM-GRP: which of q random projections is largest.

Jin, Hwang, Lai, Kim and Teoh 2018, "Ranking-based locality sensitive hashing-enabled cancelable biometrics:
Index-of-Max hashing". For each code the token gives q random vectors of independent standard normal numbers. The code
is the index, 0 to q − 1, of the vector whose inner product with the embedding is largest. The score is the share of
codes that differ.

A template here has q places for each code, a 1 at its index and 0 elsewhere, so the cosine of two is the share of codes
that agree.
"""

import numpy as np

from masquerade.protections.base import Protection, Token, unit

CODES = 300
Q = 16


def iom_grp(vectors: np.ndarray, token: Token) -> np.ndarray:
    """Protect unit vectors (n, m), float32 0 or 1 (n, :data:`CODES` · :data:`Q`)."""
    products = (vectors @ _weights(token, vectors.shape[1])).reshape(len(vectors), CODES, Q)
    return (np.arange(Q) == products.argmax(axis=2)[..., None]).reshape(len(vectors), -1).astype(np.float32)


def unlock(templates: np.ndarray, token: Token, m: int) -> np.ndarray:
    """Sum the vectors that were largest, each less the mean of its q: the direction in which they were largest."""
    return unit((templates - 1 / Q).astype(np.float32) @ _weights(token, m).T)


def _weights(token: Token, m: int) -> np.ndarray:
    return token.stream().standard_normal((m, CODES * Q), dtype=np.float32)


PROTECTION = Protection(
    f"IoM-GRP, {CODES} codes of {Q}",
    "Jin, Hwang, Lai, Kim and Teoh 2018",
    lambda m: CODES * (Q - 1).bit_length(),
    iom_grp,
    unlock,
)
