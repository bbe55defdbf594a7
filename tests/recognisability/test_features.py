import numpy as np
import pytest
from skimage.feature import hog

from masquerade.recognisability.features import gradients


@pytest.mark.parametrize(("side", "channels"), [(8, 1), (28, 1), (32, 3), (96, 1)])
def test_gradients_are_a_vector_an_image(side: int, channels: int, rng: np.random.Generator) -> None:
    images = rng.random((2, side, side, channels), dtype=np.float32)

    vectors = gradients(images)

    assert vectors.shape[0] == 2
    assert vectors.ndim == 2
    # Seven cells and a rest, blocks of 2×2 cells one cell apart, 9 orientations.
    cells = side // (side // 7)
    assert vectors.shape[1] == (cells - 1) ** 2 * 4 * 9
    np.testing.assert_allclose(gradients(images[1:])[0], vectors[1])


def test_gradients_see_directions_not_brightness(rng: np.random.Generator) -> None:
    image = rng.random((1, 28, 28, 1), dtype=np.float32)

    np.testing.assert_allclose(gradients(0.5 * image + 0.2), gradients(image), atol=1e-2)
    np.testing.assert_allclose(gradients(1 - image), gradients(image), atol=1e-5)
    assert np.abs(gradients(image.transpose(0, 2, 1, 3)) - gradients(image)).max() > 0.1


def test_flat_image_has_no_gradients() -> None:
    assert not gradients(np.full((1, 28, 28, 1), 0.3, np.float32)).any()


def test_colours_count_as_their_mean(rng: np.random.Generator) -> None:
    image = rng.random((1, 28, 28, 3), dtype=np.float32)

    np.testing.assert_allclose(gradients(image), gradients(image.mean(axis=-1, keepdims=True)))


@pytest.mark.parametrize(("height", "width"), [(8, 8), (13, 20), (28, 28), (36, 30), (96, 96)])
@pytest.mark.parametrize("levels", [0, 4])
def test_gradients_are_what_skimage_makes_of_each_image(
    height: int, width: int, levels: int, rng: np.random.Generator
) -> None:
    """In cells of odd sides, too, and where many pixels are equal and slopes are level or upright."""
    images = rng.random((3, height, width, 1), dtype=np.float32)
    if levels:
        images = np.round(images * levels) / np.float32(levels)
    side = height // 7

    expected = [hog(image[..., 0], pixels_per_cell=(side, side), cells_per_block=(2, 2)) for image in images]

    np.testing.assert_allclose(gradients(images), expected, atol=1e-6)
