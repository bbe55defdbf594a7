"""Random orthonormal projections, as of a Gram–Schmidt process on normal numbers, without computing the matrix.

W = H₁·H₂·…·H_k·D, uniform (Haar) over all matrices with k orthonormal columns: H_i = 1 − v·vᵀ/(vᵀv/2) reflects along
v = x ± ‖x‖·e_i for normal numbers x whose first i − 1 are 0, and D holds signs (Stewart 1980). Several in a row are
H₁·…·H_b = 1 − V·S⁻¹·Vᵀ, S the upper triangle of VᵀV with half its diagonal. For few vectors that is much quicker than a
QR decomposition.
"""

from collections.abc import Iterator

import numpy as np

BLOCK = 64
"""Reflections in a row."""


def project(vectors: np.ndarray, size: int, stream: np.random.Generator) -> np.ndarray:
    """Multiply vectors float32 (n, m) by a random matrix W (m, size), float32 (n, size).

    Its columns are orthonormal; if there are more of them than rows, its rows are, and lengths stay as they are.
    """
    count, m = vectors.shape
    blocks = list(_reflections(max(m, size), min(m, size), stream))
    signs = np.concatenate([signs for _, _, signs in blocks])
    if size <= m:  # x·W = ((x·H₁)·H₂)…
        turned = vectors.copy()
        for v, inverse, _ in blocks:
            part = turned[:, -len(v) :]
            part -= part @ v @ inverse @ v.T
        return turned[:, :size] * signs
    turned = np.hstack([vectors * signs, np.zeros((count, size - m), np.float32)])
    for v, inverse, _ in reversed(blocks):
        part = turned[:, -len(v) :]
        part -= part @ v @ inverse.T @ v.T
    return turned


def _reflections(dimension: int, count: int, stream: np.random.Generator) -> Iterator[tuple[np.ndarray, ...]]:
    """Yield V (d, b), S⁻¹ (b, b) and the signs of D (b,) of each block; V's rows are the last d coordinates."""
    for start in range(0, count, BLOCK):
        size = min(BLOCK, count - start)
        v = np.tril(stream.standard_normal((dimension - start, size), dtype=np.float32))
        at = np.diag_indices(size)
        signs = np.where(v[at] < 0, -1, 1).astype(np.float32)
        v[at] += signs * np.linalg.norm(v, axis=0)
        v /= np.linalg.norm(v, axis=0)
        s = np.triu(v.T @ v)
        s[at] /= 2
        yield v, np.linalg.inv(s), -signs
