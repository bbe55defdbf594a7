from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from masquerade.recognisability.views import COLOUR_VIEWS, GREY_VIEWS, View, views

VIEWS = GREY_VIEWS | COLOUR_VIEWS


def images_of(kind: str, seed: int, channels: int = 3, count: int = 3, side: int = 16) -> np.ndarray:
    shape = (count, side, side, channels)
    rng = np.random.default_rng(seed)
    draw: dict[str, Callable[[], np.ndarray]] = {
        "noise": lambda: rng.random(shape, dtype=np.float32),
        "black and white": lambda: rng.integers(0, 2, shape).astype(np.float32),
        "one colour": lambda: np.broadcast_to(rng.random((count, 1, 1, channels), dtype=np.float32), shape).copy(),
        "faint": lambda: (0.5 + 1e-4 * rng.random(shape)).astype(np.float32),
        "black": lambda: np.zeros(shape, np.float32),
    }
    return draw[kind]()


@settings(deadline=None, max_examples=60)
@given(
    name=st.sampled_from(list(VIEWS)),
    kind=st.sampled_from(["noise", "black and white", "one colour", "faint", "black"]),
    channels=st.sampled_from([1, 3]),
    count=st.integers(1, 3),
    side=st.integers(8, 33),
    seed=st.integers(0, 99),
)
def test_view_is_an_image_like_the_one_it_shows(
    name: str, kind: str, channels: int, count: int, side: int, seed: int
) -> None:
    if name not in views(channels):
        return
    images = images_of(kind, seed, channels, count, side)
    before = images.copy()

    seen = VIEWS[name](images, images.mean(axis=0))

    assert (seen.shape, seen.dtype) == (images.shape, np.dtype(np.float32))
    assert np.isfinite(seen).all()
    assert 0 <= seen.min() <= seen.max() <= 1
    np.testing.assert_array_equal(images, before)


@pytest.mark.parametrize("name", VIEWS)
def test_view_of_one_image_does_not_depend_on_the_others(name: str) -> None:
    """A training shows a batch what an evaluation shows all at once."""
    images = images_of("noise", 0)
    mean = images_of("noise", 1)[0]

    np.testing.assert_allclose(VIEWS[name](images, mean)[1:2], VIEWS[name](images[1:2], mean), atol=1e-6)


@pytest.mark.parametrize("name", sorted(VIEWS.keys() - {"plain"}))
def test_no_view_is_the_image_itself(name: str) -> None:
    images = images_of("noise", 0)

    assert np.abs(VIEWS[name](images, images.mean(axis=0)) - images).mean() > 0.01


def test_grey_images_have_no_colour_views() -> None:
    assert views(1) == GREY_VIEWS
    assert views(3) == GREY_VIEWS | COLOUR_VIEWS
    assert next(iter(views(1))) == "plain"


def see(name: str, image: np.ndarray, mean: np.ndarray | float = 0.5) -> np.ndarray:
    """A view of one grey image (h, w)."""
    batch = np.asarray(image, np.float32)[None, ..., None]
    return VIEWS[name](batch, np.broadcast_to(np.float32(mean), batch.shape[1:3])[..., None])[0, ..., 0]


def test_plain_is_the_image() -> None:
    images = images_of("noise", 0)

    np.testing.assert_array_equal(VIEWS["plain"](images, images[0]), images)


def test_negative_of_the_negative_is_the_image() -> None:
    images = images_of("noise", 0)
    negative: View = VIEWS["negative"]

    np.testing.assert_allclose(negative(images, images[0])[0, 0, 0], 1 - images[0, 0, 0])
    np.testing.assert_allclose(negative(negative(images, images[0]), images[0]), images, atol=1e-6)


@pytest.mark.parametrize(("name", "channel"), [("red", 0), ("green", 1), ("blue", 2)])
def test_channel_view_is_one_channel_in_grey(name: str, channel: int) -> None:
    images = images_of("noise", 0)

    seen = VIEWS[name](images, images[0])

    for shown in range(3):
        np.testing.assert_array_equal(seen[..., shown], images[..., channel])


def test_stretched_makes_the_darkest_black_and_the_lightest_white() -> None:
    ramp = np.linspace(0.4, 0.5, 101)[:, None].repeat(8, axis=1)

    seen = see("stretched", ramp)

    # 2 % are 2 of the 101 rows at each end; between them the ramp stays one: row 50 is the middle.
    np.testing.assert_allclose(seen[[0, 1, 2, 50, 98, 99, 100], 0], [0, 0, 0, 0.5, 1, 1, 1], atol=1e-3)
    assert (np.diff(seen[2:99, 0]) > 0).all()


def test_stretching_takes_all_channels_of_an_image_together() -> None:
    """Otherwise colours would fade; and not all images together, which would hide faint ones."""
    images = np.stack([np.full((8, 8, 3), 0.25), np.full((8, 8, 3), 0.5)]).astype(np.float32)
    images[:, :4, :, 0] += 0.25

    seen = VIEWS["stretched"](images, images[0])

    for image in seen:
        np.testing.assert_array_equal(image[:4, :, 0], 1)
        np.testing.assert_array_equal(image[..., 1:], 0)


def test_low_pass_keeps_shapes_and_loses_a_chequerboard() -> None:
    chequerboard = 0.5 + 0.3 * (-1.0) ** np.add.outer(np.arange(28), np.arange(28))
    step = np.repeat([0.4, 0.6], 14)[:, None].repeat(28, axis=1)

    inside = see("low-pass 0.12", chequerboard)[9:-9, 9:-9]
    both = see("low-pass 0.12", chequerboard + step - 0.5)[:, 9:-9]

    assert np.ptp(inside) < 0.05
    assert both[4:7].max() < 0.2
    assert both[-7:-4].min() > 0.8


def test_wider_low_pass_shows_less() -> None:
    image = np.random.default_rng(0).random((32, 32))

    roughness = [np.abs(np.diff(see(f"low-pass {share}", image), axis=0)).mean() for share in ("0.03", "0.06", "0.12")]

    assert sorted(roughness, reverse=True) == roughness


def test_high_pass_takes_slow_changes_away() -> None:
    ramp = np.linspace(0, 1, 50)[:, None].repeat(50, axis=1)
    lined = ramp.copy()
    lined[:, 25] += 0.2

    seen = see("high-pass", lined)

    assert seen[10:40, 25].min() > 0.99
    assert np.ptp(np.delete(seen[10:40], range(18, 33), axis=1)) < 0.05


def test_edges_are_where_the_grey_levels_change() -> None:
    step = np.repeat([0.2, 0.7], 8)[None].repeat(16, axis=0)

    seen = see("edges", step)

    # Sobel is 3 columns wide: both columns beside the step see it, no other does.
    assert np.flatnonzero(seen[5]).tolist() == [7, 8]
    np.testing.assert_array_equal(see("edges", step.T), seen.T)
    np.testing.assert_allclose(see("edges", 1 - step), seen, atol=1e-6)


def test_local_normalisation_shows_faint_and_strong_contrast_alike() -> None:
    """Stripes of ±0.02 on the left, of ±0.4 on the right."""
    stripes = np.tile([1.0, -1.0], 20)[:, None] * np.repeat([0.02, 0.4], 20) + 0.5

    plain = np.ptp(stripes, axis=0)
    seen = np.ptp(see("locally normalised", stripes)[10:30], axis=0)

    assert plain[25] / plain[5] == pytest.approx(20)
    assert seen[35] / seen[4] < 3
    np.testing.assert_allclose(see("locally normalised", np.full((16, 16), 0.3)), 0.5, atol=1e-4)


def test_median_loses_a_lone_pixel_and_keeps_an_edge() -> None:
    image = np.repeat([0.2, 0.8], 8)[None].repeat(16, axis=0)
    spotted = image.copy()
    spotted[4, 4] = 1

    np.testing.assert_array_equal(see("median", spotted), see("median", image))
    np.testing.assert_allclose(see("median", image), (image > 0.5).astype(float), atol=1e-6)


@pytest.mark.parametrize("name", ["residual", "blurred residual", "absolute residual"])
def test_residual_of_images_that_are_all_the_same_is_flat(name: str) -> None:
    images = np.repeat(images_of("noise", 0, count=1), 4, axis=0)

    assert np.ptp(VIEWS[name](images, images.mean(axis=0))) == 0


def test_residual_is_what_differs_from_the_mean() -> None:
    mean = np.random.default_rng(0).random((16, 16))
    image = mean.copy()
    image[:8] += 0.01

    np.testing.assert_allclose(
        see("residual", image, mean), np.repeat([1, 0], 8)[:, None].repeat(16, axis=1), atol=1e-3
    )


def test_absolute_residual_does_not_see_the_direction() -> None:
    mean, difference = np.full((16, 16), 0.5), np.zeros((16, 16))
    difference[:8], difference[8:12] = 0.1, -0.1

    seen = see("absolute residual", mean + difference, mean)

    np.testing.assert_allclose(seen[:, 0], np.repeat([1, 1, 0], [8, 4, 4]), atol=1e-5)
    np.testing.assert_allclose(see("absolute residual", mean - difference, mean), seen, atol=1e-5)


def in_scipy(images: np.ndarray, mean: np.ndarray) -> dict[str, np.ndarray]:
    """The views that are computed faster than by the function that defines them."""

    def blur(images: np.ndarray, share: float) -> np.ndarray:
        sigma = share * images.shape[1]
        return ndimage.gaussian_filter(images, (0, sigma, sigma, 0), mode="nearest")

    def stretch(images: np.ndarray) -> np.ndarray:
        low, high = np.quantile(images, [0.02, 0.98], axis=(1, 2, 3), keepdims=True)
        return np.clip((images - low) / np.maximum(high - low, 1e-3), 0, 1)

    slopes = [
        ndimage.correlate1d(
            ndimage.correlate1d(images, [1, 2, 1], across, mode="nearest"), [-1, 0, 1], along, mode="nearest"
        )
        for along, across in ((1, 2), (2, 1))
    ]
    centred = images - blur(images, 0.1)
    deviation = np.sqrt(np.maximum(blur(centred**2, 0.1), 0)) + 0.02
    return {
        "stretched": stretch(images),
        "low-pass 0.03": stretch(blur(images, 0.03)),
        "low-pass 0.06": stretch(blur(images, 0.06)),
        "low-pass 0.12": stretch(blur(images, 0.12)),
        "high-pass": stretch(images - blur(images, 0.04)),
        "edges": stretch(np.hypot(*slopes)),
        "locally normalised": np.clip(0.5 + centred / (4 * deviation), 0, 1),
        "median": stretch(ndimage.median_filter(images, (1, 3, 3, 1), mode="nearest")),
        "residual": stretch(images - mean),
        "blurred residual": stretch(blur(images - mean, 0.06)),
        "absolute residual": stretch(np.abs(images - mean)),
    }


@pytest.mark.parametrize("kind", ["noise", "black and white", "one colour"])
@pytest.mark.parametrize(("side", "channels"), [(9, 3), (28, 1), (41, 3)])
def test_views_are_those_of_scipy(kind: str, side: int, channels: int) -> None:
    images = images_of(kind, 0, channels, side=side)
    mean = images_of("noise", 1, channels, side=side)[0]

    for name, expected in in_scipy(images, mean).items():
        np.testing.assert_allclose(VIEWS[name](images, mean), expected, atol=5e-4, err_msg=name)  # 1 / 255 is 4e-3
