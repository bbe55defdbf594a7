import numpy as np

from masquerade.distances import distance

X = np.array([[[[0.0], [0.5]], [[1.0], [0.25]]]], dtype="float32")
Y = np.array([[[[0.1], [0.5]], [[0.0], [0.75]]]], dtype="float32")


def test_eq_11_of_four_pixels() -> None:
    # |0 - 0.1| + |0.5 - 0.5| + |1 - 0| + |0.25 - 0.75| = 1.6, of 4 pixels
    np.testing.assert_allclose(distance("hamming")(X, Y), [1.6 / 4], rtol=1e-6)


def test_channels_are_pixels_too() -> None:
    x, y = np.zeros((1, 2, 2, 3), dtype="float32"), np.zeros((1, 2, 2, 3), dtype="float32")
    y[0, 0, 0, 0] = 1

    np.testing.assert_allclose(distance("hamming")(x, y), [1 / 12], rtol=1e-6)
