"""MLP-Hash: the signs of a random multi-layer perceptron's outputs, less their mean.

Otroshi Shahreza, Hahn and Marcel 2022, "MLP-Hash: Protecting Face Templates via Hashing of Randomized Multi-Layer
Perceptron". The token gives the weights, random matrices with orthonormal rows or columns, and there are no biases. The
embedding goes through three hidden layers of 1024 neurons with ReLU and an output layer of 512. Bit i is 1 if output i
is above the mean of all outputs, else 0. The score is the share of bits that differ.

The paper's embeddings have 512 numbers; here the first layer takes m of them.

A template here has ±1 for its bits, so the cosine of two is 1 − 2·(share that differs).
"""

import numpy as np

from masquerade.protections.base import Protection, Token
from masquerade.protections.orthonormal import project

HIDDEN = (1024, 1024, 1024)
BITS = 512


def mlp_hash(vectors: np.ndarray, token: Token) -> np.ndarray:
    """Protect unit vectors (n, m), float32 ±1 (n, :data:`BITS`)."""
    stream = token.stream()
    for size in HIDDEN:
        vectors = np.maximum(project(vectors, size, stream), 0)
    outputs = project(vectors, BITS, stream)
    return np.where(outputs > outputs.mean(axis=1, keepdims=True), 1, -1).astype(np.float32)


PROTECTION = Protection(f"MLP-Hash, {BITS} bits", "Otroshi Shahreza, Hahn and Marcel 2022", lambda m: BITS, mlp_hash)
