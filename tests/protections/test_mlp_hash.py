from collections.abc import Iterator

import numpy as np
import pytest

from masquerade.keys import Record, public_key
from masquerade.protections import mlp_hash
from masquerade.protections.base import Token
from masquerade.protections.orthonormal import project

TOKEN = Token(public_key(0), Record("mlp_hash"))


def test_perceptron_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """(0.6, −0.8) becomes (0.6, −0.8, 0.2) and, without what is negative, (0.6, 0, 0.2). The outputs 0.6, −0.6, 0, 0.2
    have the mean 0.05: the first and the last are above it."""
    weights: Iterator[list[list[float]]] = iter([[[1, 0, 1], [0, 1, 0.5]], [[1, -1, 0, 0], [0, 0, 1, 5], [0, 0, 0, 1]]])
    monkeypatch.setattr(mlp_hash, "HIDDEN", (3,))
    monkeypatch.setattr(mlp_hash, "project", lambda vectors, size, stream: vectors @ np.array(next(weights)))

    assert mlp_hash.mlp_hash(np.array([[0.6, -0.8]]), TOKEN).tolist() == [[1, -1, -1, 1]]


def test_layers_have_weights_and_sizes_of_the_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    shapes = []

    def seen(vectors: np.ndarray, size: int, stream: np.random.Generator) -> np.ndarray:
        shapes.append((vectors.shape[1], size))
        return project(vectors, size, stream)

    monkeypatch.setattr(mlp_hash, "project", seen)
    templates = mlp_hash.mlp_hash(np.eye(10, dtype=np.float32), TOKEN)

    assert shapes == [(10, 1024), (1024, 1024), (1024, 1024), (1024, 512)]
    assert templates.shape == (10, 512)


def test_length_of_the_embedding_does_not_matter() -> None:
    """There is no bias, and the threshold grows with the outputs."""
    vectors = np.random.default_rng(0).normal(size=(3, 16)).astype(np.float32)

    np.testing.assert_array_equal(mlp_hash.mlp_hash(2 * vectors, TOKEN), mlp_hash.mlp_hash(vectors, TOKEN))
