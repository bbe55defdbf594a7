"""What all image distances share."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from masquerade.distances import NAMES, distance
from masquerade.distances.dssim import KAPPA_2

BOUNDS = {"hamming": 1, "euclidean": 1 / 12, "mse": 1, "dssim": 1, "sobel": 20, "combined": 0.5 + 0.5 * 20}
"""For 12×12 pixels."""


def images(seed: int, contrast: float = 1.0, count: int = 2, channels: int = 1) -> np.ndarray:
    uniform = np.random.default_rng(seed).random((count, 12, 12, channels))
    return np.clip(0.5 + contrast * (uniform - 0.5), 0, 1).astype("float32")


def test_names_are_those_of_the_parameters_and_bounds_are_tested_for_all() -> None:
    assert set(NAMES) == {"hamming", "euclidean", "mse", "dssim", "sobel", "combined"} == set(BOUNDS)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=20, deadline=None)
@given(seeds=st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1)), contrast=st.floats(0, 100))
def test_range(name: str, seeds: tuple[int, int], contrast: float) -> None:
    measured = keras.ops.convert_to_numpy(distance(name)(images(seeds[0], contrast), images(seeds[1], contrast)))

    assert measured.shape == (2,)
    # of nearly flat images dssim subtracts numbers near 1/4 that agree to float32's last digits, and divides by κ₂
    rounding = 4 * np.finfo(np.float32).eps / KAPPA_2 if name == "dssim" else 1e-6
    assert np.all(measured >= -rounding)
    assert np.all(measured <= BOUNDS[name] + rounding)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("channels", [1, 3])
def test_equal_images_have_distance_0_and_others_not(name: str, channels: int) -> None:
    x, y = images(0, channels=channels), images(1, channels=channels)

    np.testing.assert_allclose(distance(name)(x, x), [0, 0], atol=1e-6)
    assert np.all(keras.ops.convert_to_numpy(distance(name)(x, y)) > 0.01)


@pytest.mark.parametrize("name", ["hamming", "euclidean", "mse", "dssim"])
def test_symmetric(name: str) -> None:
    x, y = images(0), images(1)

    np.testing.assert_allclose(distance(name)(x, y), distance(name)(y, x), rtol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_images_of_a_batch_do_not_mix(name: str) -> None:
    x, y = images(0, count=3), images(1, count=3)

    alone = [float(distance(name)(x[i : i + 1], y[i : i + 1])[0]) for i in range(3)]

    np.testing.assert_allclose(distance(name)(x, y), alone, rtol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_gradient_is_finite_for_equal_flat_and_other_images(name: str) -> None:
    real = np.concatenate([images(0), np.zeros((1, 12, 12, 1), "float32"), images(1, count=1)])
    generated = tf.Variable(np.concatenate([images(0), np.zeros((1, 12, 12, 1), "float32"), images(2, count=1)]))
    with tf.GradientTape() as tape:
        measured = distance(name)(generated, real)
    gradient = tape.gradient(measured, generated).numpy()

    assert np.all(np.isfinite(gradient))
    assert np.any(gradient[3])
