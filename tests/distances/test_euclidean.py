import keras
import numpy as np
import tensorflow as tf

from masquerade.distances import distance

X = np.array([[[[0.0], [0.5]], [[1.0], [0.25]]]], dtype="float32")
Y = np.array([[[[0.1], [0.5]], [[0.0], [0.75]]]], dtype="float32")


def test_eq_12_divides_outside_the_root() -> None:
    # √(0.01 + 0 + 1 + 0.25) / 4 pixels
    np.testing.assert_allclose(distance("euclidean")(X, Y), [1.26**0.5 / 4], rtol=1e-6)


def test_black_and_white_mnist_image_reach_the_bound_of_errata_1() -> None:
    black, white = np.zeros((1, 28, 28, 1), dtype="float32"), np.ones((1, 28, 28, 1), dtype="float32")

    np.testing.assert_allclose(distance("euclidean")(black, white), [1 / 28], rtol=1e-6)


def test_gradient_at_equality_is_zero_and_elsewhere_right() -> None:
    images = tf.Variable(np.concatenate([X, X]))
    with tf.GradientTape() as tape:
        loss = keras.ops.sum(distance("euclidean")(images, np.concatenate([X, Y])))
    gradient = tape.gradient(loss, images).numpy()

    np.testing.assert_array_equal(gradient[0], np.zeros((2, 2, 1)))
    # d/dx √s / 4 = (x − y) / (4·√s)
    np.testing.assert_allclose(gradient[1], (X - Y)[0] / (4 * 1.26**0.5), rtol=1e-5)
