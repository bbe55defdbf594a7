"""Batches: what a training sees, and in which order."""

import keras
import numpy as np
import pytest
from keras import layers

from masquerade.errors import InputError
from masquerade.training import Batches, predict

IMAGES = np.random.default_rng(0).integers(0, 256, (20, 8, 8, 1), dtype=np.uint8)
NUMBERED = np.arange(20, dtype=np.uint8)[:, None, None, None] * np.ones((1, 2, 2, 1), dtype=np.uint8)


def order(batches: Batches, epoch: int) -> list[int]:
    batches.begin_epoch(epoch)
    return np.concatenate([batches[index][1] for index in range(len(batches))]).tolist()


def test_order_depends_on_seed_and_epoch_alone() -> None:
    batches, again, other = (Batches(NUMBERED, np.arange(20), 5, shuffle_seed=seed) for seed in (7, 7, 8))
    history = [order(batches, epoch) for epoch in range(3)]

    np.random.default_rng(0).random(5)
    assert order(again, 2) == history[2]  # without the epochs before, as after a resumption
    assert order(again, 0) == history[0]
    assert len({tuple(epoch) for epoch in history}) == 3
    assert order(other, 0) != history[0]


def test_unshuffled_batches_keep_the_order_and_drop_nothing() -> None:
    batches = Batches(NUMBERED, np.arange(20), 6)

    assert len(batches) == 4
    assert order(batches, 0) == order(batches, 1) == list(range(20))
    assert len(batches[3][0]) == 2


def test_shuffled_batches_are_full_and_leave_out_others_every_epoch() -> None:
    batches = Batches(NUMBERED, np.arange(20), 6, shuffle_seed=7)

    seen = [set(order(batches, epoch)) for epoch in range(5)]

    assert len(batches) == 3
    assert all(len(epoch) == 18 for epoch in seen)
    assert set.union(*seen) == set(range(20))


def test_images_and_targets_stay_together() -> None:
    batches = Batches(NUMBERED, {"label": np.arange(20), "image": NUMBERED}, 5, shuffle_seed=7)

    for images, targets in (batches[index] for index in range(4)):
        np.testing.assert_array_equal(images, targets["image"])
        np.testing.assert_allclose(images[:, 0, 0, 0] * 255, targets["label"], rtol=1e-6)


def test_uint8_becomes_float32_between_0_and_1_and_other_targets_stay() -> None:
    pixels = np.array([0, 51, 255], dtype=np.uint8)[:, None, None, None]
    images, targets = Batches(pixels, {"pixels": pixels, "labels": np.array([0, 51, 255])})[0]

    assert images.dtype == targets["pixels"].dtype == np.float32
    np.testing.assert_array_equal(images.ravel(), np.array([0, 0.2, 1], np.float32))
    np.testing.assert_array_equal(targets["pixels"].ravel(), np.array([0, 0.2, 1], np.float32))
    assert targets["labels"].tolist() == [0, 51, 255]


def test_without_targets_a_batch_is_the_images_alone() -> None:
    assert len(Batches(IMAGES)[0]) == 1


def test_batch_larger_than_the_training_half_is_one_sentence() -> None:
    with pytest.raises(InputError, match=r"batch_size 64 is more than the 20 training images"):
        Batches(IMAGES, shuffle_seed=7)
    assert len(Batches(IMAGES)) == 1  # for predict a smaller batch is no error


def test_predict_keeps_the_order_and_scales_the_pixels() -> None:
    network = keras.Sequential([layers.Input((8, 8, 1)), layers.Flatten()])

    np.testing.assert_allclose(
        predict(network, IMAGES, batch_size=6), IMAGES.reshape(20, 64) / np.float32(255), rtol=1e-6
    )
