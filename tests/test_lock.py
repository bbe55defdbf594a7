from pathlib import Path

import numpy as np
import pytest
from fixture_types import UnitVectors

from masquerade.keys import MasterKey, Record
from masquerade.lock import Lock

KEY = MasterKey(bytes(32))


@pytest.fixture(scope="module")
def vectors(unit_vectors: UnitVectors) -> np.ndarray:
    return unit_vectors(np.arange(40) % 5, dimension=6)


def rotations(count: int, dimension: int) -> np.ndarray:
    return np.stack([KEY.rotation(Record("test", "", number), dimension) for number in range(count)])


def test_lock_by_hand() -> None:
    """V the first two axes, D = (2, 1), R a quarter turn: F = (0.6, 0.8, 0) has s = (0.3, 0.8), R·s = (−0.8, 0.3),
    V·D·R·s = (−1.6, 0.3, 0), of length √2.65."""
    lock = Lock(np.eye(3)[:, :2], np.array([2.0, 1.0]))
    quarter = np.array([[0.0, -1.0], [1.0, 0.0]])

    locked = lock.lock(np.array([[0.6, 0.8, 0.0]]), quarter)

    np.testing.assert_allclose(locked, np.array([[-1.6, 0.3, 0.0]]) / np.sqrt(2.65), atol=1e-7)
    np.testing.assert_allclose(lock.unlock(locked, quarter), [[0.6, 0.8, 0.0]], atol=1e-7)


def test_fit_by_hand() -> None:
    """Four vectors with the variances 8/3, 2/3 and 0 (Bessel's correction); half whitened, D = λ^(1/4)."""
    lock = Lock.fit(np.array([[2.0, 0, 0], [-2, 0, 0], [0, 1, 0], [0, -1, 0]]), components=2, power=0.5)

    np.testing.assert_allclose(np.abs(lock.components), np.eye(3)[:, :2], atol=1e-12)
    np.testing.assert_allclose(lock.scales, [(8 / 3) ** 0.25, (2 / 3) ** 0.25])
    assert lock.dimension == 2


def test_components_that_hold_nothing_are_refused() -> None:
    flat = np.array([[2.0, 0, 0], [-2, 0, 0], [0, 1, 0], [0, -1, 0]])

    for components in (3, 4):
        with pytest.raises(ValueError, match=f"the embeddings fill fewer than {components} dimensions"):
            Lock.fit(flat, components, power=0.5)


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
def test_right_key_gives_back_what_lies_in_the_components(vectors: np.ndarray, power: float) -> None:
    whole, part = Lock.fit(vectors, 6, power), Lock.fit(vectors, 3, power)
    keys = rotations(40, 6)

    np.testing.assert_allclose(whole.unlock(whole.lock(vectors, keys), keys), vectors, atol=1e-6)
    inside = vectors @ part.components @ part.components.T
    inside /= np.linalg.norm(inside, axis=1, keepdims=True)
    keys = keys[:, :3, :3]
    keys = np.linalg.qr(keys)[0]
    np.testing.assert_allclose(part.unlock(part.lock(vectors, keys), keys), inside, atol=1e-6)


def test_wrong_key_gives_another_vector(vectors: np.ndarray) -> None:
    lock, keys = Lock.fit(vectors, 6, 0.5), rotations(80, 6)

    wrong = lock.unlock(lock.lock(vectors, keys[:40]), keys[40:])

    assert abs(np.sum(wrong * vectors, axis=1).mean()) < 0.2
    assert not np.allclose(wrong, vectors, atol=0.1)


def test_one_key_for_all_keeps_unwhitened_distances(vectors: np.ndarray) -> None:
    lock = Lock.fit(vectors, 6, power=0.0)

    locked = lock.lock(vectors, rotations(1, 6)[0])

    np.testing.assert_allclose(locked @ locked.T, vectors @ vectors.T, atol=1e-6)


@pytest.mark.parametrize(("one", "other"), [(0, 5), (0, 1), (3, 37)])
def test_locked_vectors_of_random_keys_have_one_distribution(vectors: np.ndarray, one: int, other: int) -> None:
    """Whatever the image, also a second one of the same class: R·s/‖s‖ is uniform. Over 500 keys each, means and
    covariances agree: an entry has a standard deviation of at most 1/√500 = 0.045."""
    lock, keys = Lock.fit(vectors, 6, 0.5), rotations(1000, 6)
    first, second = (
        lock.lock(np.repeat(vectors[[number]], 500, axis=0), its)
        for number, its in ((one, keys[:500]), (other, keys[500:]))
    )

    np.testing.assert_allclose(first.mean(axis=0), second.mean(axis=0), atol=0.2)
    np.testing.assert_allclose(np.cov(first.T), np.cov(second.T), atol=0.2)


def test_lock_is_read_as_it_was_written(vectors: np.ndarray, tmp_path: Path) -> None:
    lock = Lock.fit(vectors, 4, 0.5)
    lock.save(tmp_path / "lock.npz")

    read = Lock.load(tmp_path / "lock.npz")

    np.testing.assert_array_equal(read.components, lock.components)
    np.testing.assert_array_equal(read.scales, lock.scales)
