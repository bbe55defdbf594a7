import numpy as np
import pytest

from masquerade.keys import Record, public_key
from masquerade.protections.base import Token
from masquerade.protections.biohash import biohash, protection, unlock
from masquerade.protections.orthonormal import project


def token(number: int = 0) -> Token:
    return Token(public_key(0), Record("biohash", "", number))


def test_bits_are_the_signs_of_the_inner_products() -> None:
    vectors = np.array([[0.6, 0.8, 0], [0, 0, -1]], np.float32)
    directions = project(np.eye(3, dtype=np.float32), 2, token().stream())

    expected = [[1 if sum(v * d) > 0 else -1 for d in directions.T] for v in vectors]

    assert biohash(vectors, token(), 2).tolist() == expected


def test_opposite_vectors_differ_in_every_bit() -> None:
    vector = np.array([[0.6, 0.8, 0]], np.float32)

    np.testing.assert_array_equal(biohash(-vector, token(), 64), -biohash(vector, token(), 64))


def test_share_of_bits_that_differ_is_the_angle() -> None:
    """A random plane through 0 parts two vectors at 60° with the probability 60/180 = 1/3. 100 tokens of 64 bits: 5
    standard deviations are at most 5·√(2/9 / 6400) = 0.03."""
    vectors = np.array([[1, 0, 0, 0], [0.5, np.sqrt(0.75), 0, 0]], np.float32)
    differ = [np.not_equal(*biohash(vectors, token(number), 64)).mean() for number in range(100)]

    assert np.mean(differ) == pytest.approx(1 / 3, abs=0.03)


def test_more_bits_than_numbers_come_in_orthonormal_blocks() -> None:
    """Of 3 numbers, 7 bits: 3 + 3 + 1 directions."""
    stream = token().stream()
    blocks = [project(np.eye(3, dtype=np.float32), size, stream) for size in (3, 3, 1)]

    np.testing.assert_array_equal(biohash(np.eye(3, dtype=np.float32), token(), 7), np.sign(np.hstack(blocks)))


def test_thief_of_template_and_token_has_the_direction() -> None:
    """With m bits, the sum of the signed directions has the cosine Σ|xᵢ|/√m with x: √(2/π) = 0.80 for many numbers."""
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(50, 64)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)

    estimates = unlock(biohash(vectors, token(), 64), token(), 64)

    assert (estimates * vectors).sum(axis=1).mean() == pytest.approx(np.sqrt(2 / np.pi), abs=0.02)


def test_template_has_its_bits() -> None:
    assert protection(64).bits(10) == 64
