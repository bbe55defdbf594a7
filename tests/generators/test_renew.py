"""Renewal on a G and an F small enough to be followed: an image is its code, pixel by pixel."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

from masquerade.generators.distort import distort
from masquerade.generators.renew import renew, renewals
from masquerade.keys import Keyring, MasterKey, Record
from masquerade.lock import LAYER, Components, Lock

MASTER = MasterKey(bytes(32))
COMPONENTS = Components(np.eye(4), np.ones(4))
IMAGES = np.random.default_rng(0).integers(0, 256, (6, 2, 2, 1), dtype=np.uint8)


def lock(name: str) -> Lock:
    return Lock(COMPONENTS, Keyring(MASTER, [Record("system", name, number) for number in range(len(IMAGES))]))


@pytest.fixture(scope="module")
def painter() -> keras.Model:
    """G: codes in [−1, 1] become pixels, −1 black and 1 white."""
    codes = layers.Input((4,))
    dense = layers.Dense(4, use_bias=False, name=LAYER)
    network = keras.Model(codes, layers.Reshape((2, 2, 1))(layers.Rescaling(0.5, 0.5)(dense(codes))))
    dense.set_weights([COMPONENTS.kernel])
    return network


@pytest.fixture(scope="module")
def reader() -> keras.Model:
    """F: pixels become codes again."""
    return keras.Sequential(
        [layers.Input((2, 2, 1)), layers.Rescaling(2, -1), layers.Flatten(), layers.UnitNormalization()]
    )


def test_renewed_template_holds_what_the_old_one_held(painter: keras.Model, reader: keras.Model) -> None:
    """The only error is that of 8 bits: half a level of 2/255 in each of four components, at most 0.008 in length,
    and as much again in the template before; squared, 2.5·10⁻⁴."""
    old, new = lock("old"), lock("new")
    first = distort(painter, reader, IMAGES, lock=old)

    renewed = renew(painter, reader, first.images, old, new)

    np.testing.assert_allclose(renewed.real_embeddings, first.template_embeddings, atol=1e-5)
    assert renewed.d_emb.max() < 1e-4
    assert np.sum((renewed.template_embeddings - first.real_embeddings) ** 2, axis=1).max() < 2.5e-4
    np.testing.assert_allclose(renewed.seen_embeddings, new.lock(first.real_embeddings), atol=0.02)
    assert np.abs(renewed.images.astype(int) - first.images).max() > 20


def test_renewal_into_the_same_keys_paints_the_same_template(painter: keras.Model, reader: keras.Model) -> None:
    old = lock("old")
    first = distort(painter, reader, IMAGES, lock=old)

    renewed = renew(painter, reader, first.images, old, old)

    assert np.abs(renewed.images.astype(int) - first.images).max() <= 1


def test_wrong_old_key_renews_nothing_of_the_image(painter: keras.Model, reader: keras.Model) -> None:
    first = distort(painter, reader, IMAGES, lock=lock("old"))

    renewed = renew(painter, reader, first.images, lock("another"), lock("new"))

    assert np.sum((renewed.template_embeddings - first.real_embeddings) ** 2, axis=1).mean() > 0.5


def test_renewals_go_from_lock_to_lock(painter: keras.Model, reader: keras.Model) -> None:
    locks = [lock(name) for name in "abc"]
    first = distort(painter, reader, IMAGES, lock=locks[0])

    once, twice = renewals(painter, reader, first.images, locks)

    np.testing.assert_array_equal(once.images, renew(painter, reader, first.images, locks[0], locks[1]).images)
    np.testing.assert_array_equal(twice.images, renew(painter, reader, once.images, locks[1], locks[2]).images)


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_unlocking_and_locking_without_a_painting_loses_nothing(seed: int) -> None:
    vectors = np.random.default_rng(seed).normal(size=(len(IMAGES), 4))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    old, new = lock("old"), lock("new")

    again = new.unlock(new.lock(old.unlock(old.lock(vectors))))

    np.testing.assert_allclose(again, vectors, atol=1e-5)
