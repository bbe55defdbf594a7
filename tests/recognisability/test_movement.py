from typing import Any

import numpy as np
import pytest
from scipy import ndimage

from masquerade.recognisability.movement import moved

STILL: dict[str, Any] = {"shift": 0.0, "turn": 0.0, "zoom": 0.0, "mirror": False}


def noise(count: int = 40, height: int = 12, width: int = 15, channels: int = 2) -> np.ndarray:
    noise = np.random.default_rng(1).random((count, height, width, channels), dtype=np.float32)
    return ndimage.gaussian_filter(noise, (0, 1, 1, 0))


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def test_without_movement_an_image_stays() -> None:
    images = noise()

    seen = moved(images, **STILL, rng=rng())

    assert seen.dtype == np.float32
    np.testing.assert_allclose(seen, images, atol=1e-6)


def test_half_of_the_images_are_mirrored() -> None:
    images = noise(200)

    seen = moved(images, **STILL | {"mirror": True}, rng=rng())

    mirrored = np.isclose(seen, images[:, :, ::-1], atol=1e-5).all(axis=(1, 2, 3))
    stayed = np.isclose(seen, images, atol=1e-5).all(axis=(1, 2, 3))
    assert (mirrored ^ stayed).all()
    assert 0.4 < mirrored.mean() < 0.6


@pytest.mark.parametrize("change", [{"shift": 0.2}, {"turn": 0.1}, {"zoom": 0.3}])
def test_every_image_has_a_movement_of_its_own(change: dict) -> None:
    images = np.repeat(noise(1), 5, axis=0)

    seen = moved(images, **STILL | change, rng=rng())

    for number in range(5):
        assert np.abs(seen[number] - images[number]).max() > 0.01
        assert np.abs(seen[number] - seen[number - 1]).max() > 0.01


def spot(row: int, column: int) -> np.ndarray:
    """300 images 41×41, black with a white spot of 3×3."""
    images = np.zeros((300, 41, 41, 1), np.float32)
    images[:, row - 1 : row + 2, column - 1 : column + 2] = 1
    return images


def places(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Row and column of each spot relative to the middle."""
    weights = images[..., 0] / images.sum(axis=(1, 2, 3))[:, None, None]
    numbers = np.arange(41) - 20
    return (weights.sum(axis=2) @ numbers), (weights.sum(axis=1) @ numbers)


def test_shift_is_a_share_of_the_side_in_both_directions() -> None:
    row, column = places(moved(spot(20, 20), **STILL | {"shift": 0.25}, rng=rng()))

    for place in (row, column):  # a quarter of 41 pixels
        assert (place.min(), place.max()) == (pytest.approx(-10.25, abs=0.5), pytest.approx(10.25, abs=0.5))
    assert abs(np.corrcoef(row, column)[0, 1]) < 0.2


def test_turn_is_a_share_of_a_circle_about_the_centre() -> None:
    row, column = places(moved(spot(20, 32), **STILL | {"turn": 0.125}, rng=rng()))
    angles = np.degrees(np.arctan2(row, column))

    np.testing.assert_allclose(np.hypot(row, column), 12, atol=0.3)
    assert (angles.min(), angles.max()) == (pytest.approx(-45, abs=2), pytest.approx(45, abs=2))


def test_zoom_is_a_share_of_the_size() -> None:
    row, column = places(moved(spot(20, 30), **STILL | {"zoom": 0.2}, rng=rng()))

    np.testing.assert_allclose(row, 0, atol=0.1)
    assert (column.min(), column.max()) == (pytest.approx(10 / 1.2, abs=0.3), pytest.approx(10 / 0.8, abs=0.3))


def test_border_is_repeated() -> None:
    """An image of one colour stays that, however far it moves."""
    images = np.full((30, 12, 12, 3), 0.25, np.float32)

    np.testing.assert_allclose(moved(images, 0.5, 0.5, 0.5, True, rng()), 0.25, atol=1e-6)


def test_all_at_once_is_what_scipy_makes_of_the_same_map() -> None:
    """A ramp along either axis shows which point each pixel is taken from."""
    ramps = np.moveaxis(np.mgrid[:12, :15], 0, -1).astype(np.float32)
    images = noise(20)
    settings: dict[str, Any] = {"shift": 0.2, "turn": 0.1, "zoom": 0.2, "mirror": True}
    points = moved(np.repeat(ramps[None], 20, axis=0), **settings, rng=rng())

    seen = moved(images, **settings, rng=rng())

    for image, (rows, columns), result in zip(images, np.moveaxis(points, 3, 1), seen, strict=True):
        for channel in range(2):
            expected = ndimage.map_coordinates(image[..., channel], [rows, columns], order=1, mode="nearest")
            np.testing.assert_allclose(result[..., channel], expected, atol=1e-4)
