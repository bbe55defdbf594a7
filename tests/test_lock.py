import numpy as np
import pytest
from fixture_types import UnitVectors

from masquerade.errors import InputError
from masquerade.keys import Keyring, MasterKey, Record
from masquerade.lock import Components, Lock

KEY = MasterKey(bytes(32))


@pytest.fixture(scope="module")
def vectors(unit_vectors: UnitVectors) -> np.ndarray:
    return unit_vectors(np.arange(40) % 5, dimension=6)


def keyring(count: int, first: int = 0) -> Keyring:
    return Keyring(KEY, [Record("test", "", first + number) for number in range(count)])


class QuarterTurn(MasterKey):
    """Turns every vector by 90 degrees."""

    def rotation(self, record: Record, dimension: int) -> np.ndarray:
        return np.array([[0.0, -1.0], [1.0, 0.0]])


def test_lock_by_hand() -> None:
    """V the first two axes, D = (2, 1), R a quarter turn: F = (0.6, 0.8, 0) has s = (0.3, 0.8), R·s = (−0.8, 0.3) and
    V·D·R·s = (−1.6, 0.3, 0), of length √2.65."""
    space = Components(np.eye(3)[:, :2], np.array([2.0, 1.0]))
    lock = Lock(space, Keyring(QuarterTurn(bytes(32)), [Record("test")]))

    locked = lock.lock(np.array([[0.6, 0.8, 0.0]]))

    np.testing.assert_allclose(lock.codes(np.array([[0.6, 0.8, 0.0]])), np.array([[-0.8, 0.3]]) / np.sqrt(0.73))
    np.testing.assert_allclose(locked, np.array([[-1.6, 0.3, 0.0]]) / np.sqrt(2.65), atol=1e-7)
    np.testing.assert_allclose(lock.unlock(locked), [[0.6, 0.8, 0.0]], atol=1e-7)


def test_bits_by_hand() -> None:
    """R·s = (−0.8, 0.3) as above; one bit keeps (−1, 0). Back: Rᵀ·(−1, 0) = (0, 1), so F = V·D·(0, 1) = (0, 1, 0)."""
    space = Components(np.eye(3)[:, :2], np.array([2.0, 1.0]))
    lock = Lock(space, Keyring(QuarterTurn(bytes(32)), [Record("test")]), bits=1)

    np.testing.assert_allclose(lock.codes(np.array([[0.6, 0.8, 0.0]])), [[-1, 0]])
    np.testing.assert_allclose(lock.unlock(lock.lock(np.array([[0.6, 0.8, 0.0]]))), [[0, 1, 0]], atol=1e-7)


@pytest.mark.parametrize("bits", [6, 7])
def test_bits_must_be_fewer_than_components(vectors: np.ndarray, bits: int) -> None:
    with pytest.raises(InputError, match=rf"evaluation\.keys\.bits: {bits} are not fewer than the 6 components"):
        Lock(Components.fit(vectors, 6, 0.5), keyring(40), bits)


def test_equal_signs_give_equal_locked_vectors(vectors: np.ndarray) -> None:
    """Which is all that a thief of the key can get: what is not among the signs is lost."""
    space = Components.fit(vectors, 6, 0.5)
    lock = Lock(space, keyring(40), bits=3)
    noisy = lock.lock(vectors) + 0.05

    np.testing.assert_allclose(lock.lock(lock.unlock(lock.lock(vectors))), lock.lock(vectors), atol=1e-6)
    assert np.mean(np.sum(lock.unlock(noisy) * lock.unlock(lock.lock(vectors)), axis=1)) > 0.7


def test_fit_by_hand() -> None:
    """Four vectors with the variances 8/3, 2/3 and 0 (divided by n − 1); whitened by half, D = λ^(1/4)."""
    space = Components.fit(np.array([[2.0, 0, 0], [-2, 0, 0], [0, 1, 0], [0, -1, 0]]), count=2, whitening=0.5)

    np.testing.assert_allclose(np.abs(space.directions), np.eye(3)[:, :2], atol=1e-12)
    np.testing.assert_allclose(space.scales, [(8 / 3) ** 0.25, (2 / 3) ** 0.25])


@pytest.mark.parametrize("count", [3, 4])
def test_components_that_hold_nothing_are_refused(count: int) -> None:
    flat = np.array([[2.0, 0, 0], [-2, 0, 0], [0, 1, 0], [0, -1, 0]])

    with pytest.raises(ValueError, match=f"the embeddings fill fewer than {count} dimensions"):
        Components.fit(flat, count, whitening=0.5)


def test_kernel_holds_both_matrices(vectors: np.ndarray) -> None:
    space = Components.fit(vectors, 4, 0.5)

    read = Components.of(space.kernel.astype(np.float32))

    np.testing.assert_allclose(read.directions, space.directions, atol=1e-6)
    np.testing.assert_allclose(read.scales, space.scales, rtol=1e-6)


@pytest.mark.parametrize("whitening", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("count", [3, 6])
def test_right_key_gives_back_what_lies_in_the_components(vectors: np.ndarray, whitening: float, count: int) -> None:
    space = Components.fit(vectors, count, whitening)
    lock = Lock(space, keyring(40))
    inside = vectors @ space.directions @ space.directions.T
    inside /= np.linalg.norm(inside, axis=1, keepdims=True)

    np.testing.assert_allclose(lock.unlock(lock.lock(vectors)), inside, atol=1e-6)


def test_wrong_key_gives_another_vector(vectors: np.ndarray) -> None:
    space = Components.fit(vectors, 6, 0.5)

    wrong = Lock(space, keyring(40, first=40)).unlock(Lock(space, keyring(40)).lock(vectors))

    assert abs(np.sum(wrong * vectors, axis=1).mean()) < 0.2
    assert not np.allclose(wrong, vectors, atol=0.1)


def test_one_key_for_all_keeps_the_angles_of_codes(vectors: np.ndarray) -> None:
    space = Components.fit(vectors, 6, 0.5)

    codes = Lock(space, Keyring(KEY, [Record("test")] * 40)).codes(vectors)

    np.testing.assert_allclose(codes @ codes.T, space.codes(vectors) @ space.codes(vectors).T, atol=1e-12)


@pytest.mark.parametrize(("one", "other"), [(0, 5), (0, 1), (3, 37)])
def test_locked_vectors_of_random_keys_have_one_distribution(vectors: np.ndarray, one: int, other: int) -> None:
    """Whatever the image, also a second one of the same class: R·s/‖s‖ is uniform. Over 500 keys each, means and
    covariances agree: an entry of a mean has a standard deviation of 1/√(6·500) = 0.02, of a covariance 0.01."""
    space = Components.fit(vectors, 6, 0.5)
    first, second = (
        Lock(space, keyring(500, begin)).lock(np.repeat(vectors[[number]], 500, axis=0))
        for number, begin in ((one, 0), (other, 500))
    )

    np.testing.assert_allclose(first.mean(axis=0), second.mean(axis=0), atol=0.12)
    np.testing.assert_allclose(np.cov(first.T), np.cov(second.T), atol=0.06)
