import numpy as np

from masquerade.distances import distance

X = np.array([[[[0.0], [0.5]], [[1.0], [0.25]]]], dtype="float32")
Y = np.array([[[[0.1], [0.5]], [[0.0], [0.75]]]], dtype="float32")


def test_mean_of_four_squares() -> None:
    # 0.01 + 0 + 1 + 0.25 = 1.26, of 4 pixels
    np.testing.assert_allclose(distance("mse")(X, Y), [1.26 / 4], rtol=1e-6)
