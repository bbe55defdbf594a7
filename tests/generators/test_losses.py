import numpy as np

from masquerade.distances import distance
from masquerade.generators.losses import EmbeddingLoss, ImageLoss


def test_eq_8_rewards_the_distance_to_the_image() -> None:
    real = np.zeros((2, 2, 2, 1), dtype="float32")
    generated = real + np.array([0.5, 1.0], dtype="float32")[:, None, None, None]

    loss = ImageLoss(distance("mse", 0.5))

    np.testing.assert_allclose(loss.call(real, generated), [-0.25, -1], rtol=1e-6)
    np.testing.assert_allclose(loss(real, generated), -0.625, rtol=1e-6)


def test_eq_8_takes_the_edges_of_the_real_image() -> None:
    edge = np.repeat([[0, 0, 1, 1]], 4, axis=0).astype("float32")[None, ..., None]
    grey = np.full((1, 4, 4, 1), 0.25, dtype="float32")

    # As in tests/distances/test_sobel.py: 4 at the edges of X, none if the two were exchanged.
    np.testing.assert_allclose(ImageLoss(distance("sobel", 0.5)).call(edge, grey), [-4], rtol=1e-6)


def test_eq_9_is_0_up_to_alpha_and_undivided_beyond() -> None:
    real = np.array([[1, 0], [1, 0], [1, 0]], dtype="float32")
    generated = np.array([[1, 0], [0, 1], [-1, 0]], dtype="float32")

    loss = EmbeddingLoss(alpha=0.5)

    # d_emb is 0, 2 and 4; errata 7: no division by 4
    np.testing.assert_allclose(loss.call(real, generated), [0, 1.5, 3.5], rtol=1e-6)
    np.testing.assert_allclose(loss(real, generated), 5 / 3, rtol=1e-6)
