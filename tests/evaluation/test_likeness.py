import numpy as np
import pytest

from masquerade.evaluation.likeness import correlations, edges


def test_edges_of_one_step() -> None:
    """Sobel across a step from 0 to 1: (1 + 2 + 1)·1 in the two columns beside it, 0 elsewhere."""
    image = np.zeros((1, 5, 6, 1))
    image[:, :, 3:] = 1

    np.testing.assert_allclose(edges(image)[0, :, :, 0], np.tile([0, 0, 4, 4, 0, 0], (5, 1)), atol=1e-12)


def test_edges_mix_no_images_and_no_channels(rng: np.random.Generator) -> None:
    images = rng.random((3, 8, 8, 2))

    alone = edges(images[1:2, :, :, 1:])

    np.testing.assert_allclose(edges(images)[1:2, :, :, 1:], alone)


def test_correlation_is_pearsons_of_each_pair(rng: np.random.Generator) -> None:
    a, b = rng.random((2, 4, 5, 5, 1))

    expected = [np.corrcoef(x.ravel(), y.ravel())[0, 1] for x, y in zip(a, b, strict=True)]

    np.testing.assert_allclose(correlations(a, b), expected)
    assert correlations(a, 3 - 2 * a) == pytest.approx(-np.ones(4))


def test_flat_image_correlates_with_nothing(rng: np.random.Generator) -> None:
    assert correlations(np.full((1, 5, 5, 1), 0.3), rng.random((1, 5, 5, 1))).tolist() == [0]
