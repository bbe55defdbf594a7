import numpy as np
import pytest

from masquerade.attacks.inversion import decode, fit_decoder, success


def test_decoder_rebuilds_what_is_linear_in_the_vector() -> None:
    """Pixels 128 + 60·⟨a, v⟩ of unseen vectors."""
    rng = np.random.default_rng(0)
    vectors, mixing = rng.uniform(-1, 1, size=(80, 3)), rng.uniform(-0.5, 0.5, size=(3, 16))
    images = np.round(128 + 60 * vectors @ mixing).astype(np.uint8).reshape(80, 4, 4, 1)

    rebuilt = decode(fit_decoder(vectors[:60], images[:60]), vectors[60:], (4, 4, 1))

    assert rebuilt.dtype == np.float32
    np.testing.assert_allclose(rebuilt * 255, images[60:], atol=1.5)


def test_rebuilt_images_are_images() -> None:
    rng = np.random.default_rng(0)
    vectors, images = rng.normal(size=(20, 3)), rng.integers(0, 256, (20, 4, 4, 1), dtype=np.uint8)

    rebuilt = decode(fit_decoder(vectors, images), 100 * vectors, (4, 4, 1))

    assert 0 <= rebuilt.min() < rebuilt.max() <= 1


NEAR, FAR, AWAY = np.array([1.0, 0.0]), np.array([0.6, 0.8]), np.array([-1.0, 0.0])
"""Squared distances: near – far 0.8, near – away 4, far – away 3.2."""


@pytest.mark.parametrize(("threshold", "type_1", "type_2"), [(0.1, 0.25, 0.25), (1.0, 0.5, 0.5), (4.0, 1.0, 1.0)])
def test_success_by_hand(threshold: float, type_1: float, type_2: float) -> None:
    """Two people with two images each; every rebuilt image is near.

    Distances of type I: 0, 0.8, 4, 4. Of type II, to the other image of the person: 0.8, 0, 4, 4.
    """
    real, labels = np.array([NEAR, FAR, AWAY, AWAY]), np.array([0, 0, 1, 1])

    its = success(np.array([NEAR] * 4), real, labels, np.arange(4), threshold, replicates=20, confidence=0.9, seed=7)

    assert its.type_1 == type_1
    assert its.type_2.value == type_2


def test_floor_is_the_rate_of_rebuilt_images_whose_owners_chance_names(rng: np.random.Generator) -> None:
    labels = np.arange(200) % 10
    means = rng.normal(size=(10, 8))
    real = means[labels] + 0.3 * rng.normal(size=(200, 8))
    real /= np.linalg.norm(real, axis=1, keepdims=True)

    knowing, guessing = (
        success(rebuilt, real, labels, np.arange(200), 0.5, replicates=50, confidence=0.95, seed=7)
        for rebuilt in (real, rng.permutation(real))
    )

    assert knowing.type_1 == 1
    assert not knowing.type_2.holds
    assert guessing.type_2.holds
    assert guessing.type_2.value == pytest.approx(guessing.type_2.floor, abs=0.05)
    assert knowing.type_2.low < knowing.type_2.value < knowing.type_2.high
