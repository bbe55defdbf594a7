import numpy as np
import pytest
from skimage.metrics import structural_similarity

from masquerade.evaluation.likeness import correlations, edges, pixel_vectors, structural_similarities, unit


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


@pytest.mark.parametrize("shape", [(4, 12, 12, 1), (3, 28, 28, 1), (2, 30, 41, 3)])
@pytest.mark.parametrize("spread", [0, 0.05, 1])
def test_structural_similarity_is_skimages(shape: tuple[int, ...], spread: float, rng: np.random.Generator) -> None:
    """Of equal images, of alike ones and of noise."""
    a = rng.random(shape, dtype=np.float32)
    b = np.clip(a + spread * rng.standard_normal(shape, dtype=np.float32), 0, 1)

    expected = [structural_similarity(x, y, data_range=1.0, channel_axis=-1) for x, y in zip(a, b, strict=True)]

    np.testing.assert_allclose(structural_similarities(a, b), expected, atol=1e-5)


def test_structural_similarity_of_two_flat_images_by_hand() -> None:
    """No variance: (2·0.2·0.6 + 0.01²) / (0.2² + 0.6² + 0.01²)."""
    a, b = (np.full((1, 9, 9, 1), level, np.float32) for level in (0.2, 0.6))

    assert structural_similarities(a, b) == pytest.approx([0.2401 / 0.4001], abs=1e-4)


def test_unit_divides_by_the_norm_and_leaves_zeros() -> None:
    vectors = unit(np.array([[3.0, 4.0], [0.0, 0.0], [-2.0, 0.0]]))

    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, [[0.6, 0.8], [0.0, 0.0], [-1.0, 0.0]])


def test_scalar_products_of_pixels_are_correlations(rng: np.random.Generator) -> None:
    images = rng.integers(0, 256, (6, 8, 8, 1), dtype=np.uint8)
    pixels = images.reshape(6, -1).astype(float)

    products = {residual: (each := pixel_vectors(images, residual)) @ each.T for residual in (False, True)}

    np.testing.assert_allclose(products[False], np.corrcoef(pixels), atol=1e-5)
    np.testing.assert_allclose(products[True], np.corrcoef(pixels - pixels.mean(axis=0)), atol=1e-5)
