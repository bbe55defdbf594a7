import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from masquerade.recognisability.trivial import TRIVIAL


def distort(name: str, images: np.ndarray, seed: int = 0) -> np.ndarray:
    return TRIVIAL[name](np.asarray(images, np.float32), np.random.default_rng(seed))


@settings(deadline=None, max_examples=40)
@given(
    name=st.sampled_from(list(TRIVIAL)),
    side=st.integers(8, 33),
    channels=st.sampled_from([1, 3]),
    count=st.integers(1, 3),
    seed=st.integers(0, 99),
)
def test_distortion_is_an_image_of_the_same_shape_and_range(
    name: str, side: int, channels: int, count: int, seed: int
) -> None:
    images = np.random.default_rng(seed).random((count, side, side, channels), dtype=np.float32)
    before = images.copy()

    distorted = distort(name, images, seed)

    assert (distorted.shape, distorted.dtype) == (images.shape, np.dtype(np.float32))
    assert 0 <= distorted.min() <= distorted.max() <= 1
    np.testing.assert_array_equal(images, before)


@pytest.mark.parametrize("name", TRIVIAL)
def test_same_numbers_drawn_give_the_same_images(name: str, rng: np.random.Generator) -> None:
    images = rng.random((4, 14, 14, 1))

    np.testing.assert_array_equal(distort(name, images), distort(name, images))


def test_negative_swaps_dark_and_light() -> None:
    assert distort("negative", np.reshape([0, 0.25, 0.5, 1], (1, 2, 2, 1))).ravel().tolist() == [1, 0.75, 0.5, 0]


def test_blur_spreads_a_point_over_a_tenth_of_the_side() -> None:
    images = np.zeros((2, 40, 40, 2))
    images[0, 20, 20, 0] = 1

    blurred = distort("blur", images)

    # σ = 4: the middle keeps 1 / (2π·4²); one σ beside it e^(−1/2) of that.
    assert blurred[0, 20, 20, 0] == pytest.approx(1 / (2 * np.pi * 16), rel=0.01)
    assert blurred[0, 24, 20, 0] == pytest.approx(np.exp(-0.5) / (2 * np.pi * 16), rel=0.01)
    assert blurred[0].sum() == pytest.approx(1, rel=1e-3)
    assert np.ptp(blurred[1]) == np.ptp(blurred[0, ..., 1]) == 0  # neither image nor channel runs into another


def test_blur_leaves_what_is_flat_up_to_the_border() -> None:
    np.testing.assert_allclose(distort("blur", np.full((1, 20, 20, 1), 0.3)), 0.3, atol=1e-6)


def test_pixelation_gives_every_block_its_mean_colour(rng: np.random.Generator) -> None:
    images = rng.random((2, 14, 14, 3))
    images[0, 2:4, 4:6, 1] = [[0, 0.25], [0.5, 0.75]]

    blocks = distort("pixelation", images)

    np.testing.assert_allclose(blocks[0, 2:4, 4:6, 1], 0.375)
    for image, row, column in [(0, 0, 0), (1, 6, 3), (1, 12, 12)]:
        row, column = row // 2 * 2, column // 2 * 2
        expected = images[image, row : row + 2, column : column + 2].mean(axis=(0, 1))
        np.testing.assert_allclose(
            blocks[image, row : row + 2, column : column + 2], np.broadcast_to(expected, (2, 2, 3)), rtol=1e-5
        )


@pytest.mark.parametrize("side", [8, 13, 28, 96])
def test_pixelation_has_seven_blocks_along_a_side(side: int, rng: np.random.Generator) -> None:
    blocks = distort("pixelation", rng.random((1, side, side, 1)))

    assert len(np.unique(blocks)) == 49
    assert len(np.unique(blocks[0], axis=0)) == len(np.unique(blocks[0], axis=1)[0]) == 7


def test_shuffle_moves_whole_pixels_of_all_images_to_the_same_places() -> None:
    numbered = np.arange(64).reshape(1, 8, 8, 1) / 64
    images = np.concatenate([numbered, numbered / 2])
    coloured = np.concatenate([images, 1 - images], axis=-1)

    shuffled = distort("pixel shuffle", coloured)

    assert sorted(shuffled[0, ..., 0].ravel().tolist()) == numbered.ravel().tolist()
    assert (shuffled[0, ..., 0] != numbered[0, ..., 0]).sum() > 50
    np.testing.assert_array_equal(shuffled[1, ..., 0], shuffled[0, ..., 0] / 2)
    np.testing.assert_array_equal(shuffled[..., 1], 1 - shuffled[..., 0])


def test_noise_has_a_standard_deviation_of_half_the_range() -> None:
    noisy = distort("noise", np.full((3, 64, 64, 1), 0.5))

    # Clipped beyond one standard deviation: 15.9 % of the pixels at each end.
    assert (noisy == 0).mean() == pytest.approx(0.159, abs=0.01)
    assert (noisy == 1).mean() == pytest.approx(0.159, abs=0.01)
    assert noisy.mean() == pytest.approx(0.5, abs=0.01)
    assert not np.array_equal(noisy[0], noisy[1])


def test_mean_image_stands_for_every_image() -> None:
    images = np.stack([np.full((8, 8, 1), 0.2), np.full((8, 8, 1), 0.4)])
    images[1, 3, 4] = 0.8

    means = distort("mean image", images)

    np.testing.assert_array_equal(means[0], means[1])
    assert means[0, 0, 0, 0] == pytest.approx(0.3)
    assert means[0, 3, 4, 0] == pytest.approx(0.5)


def test_random_squares_know_nothing_of_the_image() -> None:
    black, white = (distort("random squares", np.full((2, 48, 48, 3), level)) for level in (0, 1))

    np.testing.assert_array_equal(black, white)
    squares = black.reshape(2, 24, 2, 24, 2, 3)
    assert (squares == squares[:, :, :1, :, :1]).all()  # two pixels a side
    assert len(np.unique(black)) > 0.99 * 2 * 24 * 24 * 3  # another colour for every square of every image
