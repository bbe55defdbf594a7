"""PolyProtect: a polynomial of each window of the embedding.

Hahn and Marcel 2022, "Towards protecting face embeddings in mobile face verification scenarios". The token gives five
coefficients c, distinct integers in [−50, 50] without 0, and five exponents e, a permutation of 1 to 5. A window of
five consecutive numbers v of the embedding becomes one number, c₁·v₁^e₁ + … + c₅·v₅^e₅; the next window overlaps it by
two. Zeros fill the last window. The score is the cosine distance, 1 − cosine.

A template here is scaled to length 1, which the cosine does not see. An embedding of 10 numbers becomes 3, one of 128
becomes 42.
"""

import numpy as np

from masquerade.protections.base import Protection, Token, unit

WINDOW = 5
OVERLAP = 2
LARGEST = 50
"""Coefficient."""


def polyprotect(vectors: np.ndarray, token: Token) -> np.ndarray:
    """Protect unit vectors (n, m), unit vectors float32 (n, k)."""
    return unit(mapped(vectors, *parameters(token)))


def parameters(token: Token) -> tuple[np.ndarray, np.ndarray]:
    """Return the coefficients, int (5,), and the exponents, int (5,)."""
    stream = token.stream()
    coefficients = stream.permutation(np.setdiff1d(np.arange(-LARGEST, LARGEST + 1), [0]))[:WINDOW]
    return coefficients, stream.permutation(WINDOW) + 1


def mapped(vectors: np.ndarray, coefficients: np.ndarray, exponents: np.ndarray) -> np.ndarray:
    """Map vectors (n, m) by the polynomial with these coefficients (5,) and exponents (5,), float64 (n, k)."""
    step, count = WINDOW - OVERLAP, windows(vectors.shape[1])
    missing = WINDOW + step * (count - 1) - vectors.shape[1]
    padded = np.pad(vectors.astype(np.float64), [(0, 0), (0, missing)])
    pieces = np.lib.stride_tricks.sliding_window_view(padded, WINDOW, axis=1)[:, ::step]
    return (pieces**exponents) @ coefficients


def windows(m: int) -> int:
    """Return k, the number of windows that cover m numbers."""
    return 1 + max(0, -(-(m - WINDOW) // (WINDOW - OVERLAP)))


PROTECTION = Protection("PolyProtect", "Hahn and Marcel 2022", lambda m: 32 * windows(m), polyprotect)
