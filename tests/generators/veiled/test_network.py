from pathlib import Path

import keras
import numpy as np
import pytest
from fixture_types import Png, UnitVectors
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers
from PIL import Image

from masquerade.errors import InputError
from masquerade.generators.veiled.network import balanced_signs, read_carrier, set_epsilon, veil, veiled_generator
from masquerade.generators.veiled.params import Settings
from masquerade.params import load_params

EPSILON = 0.3
SILENT = (
    load_params(Path(__file__).parents[3] / "params.yaml")
    .modality("digits")
    .settings("veiled")
    .model_copy(update={"carrier": "noise", "carrier_grain": 1, "noise": 0.0, "grain": 2, "scramble": True, "width": 4})
)
"""A veil without the noise N."""


def changed(**changes: object) -> Settings:
    return SILENT.model_copy(update=changes)


def upper_half() -> keras.Model:
    """An F that sees the upper half of an image of 8×8 and nothing of the lower."""
    return keras.Sequential(
        [layers.Input((8, 8, 1)), layers.Cropping2D(((0, 4), (0, 0))), layers.Flatten(), layers.UnitNormalization()]
    )


def carrier(image_shape: tuple[int, int, int], seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random(image_shape, dtype=np.float32)


def dimmed(image_shape: tuple[int, int, int]) -> np.ndarray:
    """The carrier with room for ε = 0.3: 0.3…0.7."""
    return EPSILON + 0.4 * carrier(image_shape)


def decoder(image_shape: tuple[int, int, int] = (8, 8, 1), seed: int = 7, **changes: object) -> keras.Model:
    network = veil(32, image_shape, changed(**changes), seed)
    set_epsilon(network, EPSILON, carrier(image_shape), changed(**changes), seed)
    return network


def blocks(image: np.ndarray, grain: int) -> np.ndarray:
    """An image (h, w, c) as (blocks, pixels of the block)."""
    height, width, channels = image.shape
    split = image.reshape(height // grain, grain, width // grain, grain, channels)
    return split.transpose(0, 2, 4, 1, 3).reshape(-1, grain**2)


@given(
    rows=st.integers(1, 5),
    columns=st.integers(1, 5),
    channels=st.sampled_from([1, 3]),
    grain=st.integers(1, 6),
    seed=st.integers(0, 2**32 - 1),
)
def test_signs_of_every_block_cancel_out(rows: int, columns: int, channels: int, grain: int, seed: int) -> None:
    signs = balanced_signs((rows * grain, columns * grain, channels), grain, seed)

    assert (signs.shape, signs.dtype) == ((rows * grain, columns * grain, channels), np.dtype(np.float32))
    assert set(np.unique(signs)) <= {-1, 1}
    # A block with an odd number of pixels has one left over.
    np.testing.assert_array_equal(blocks(signs, grain).sum(axis=1), grain**2 % 2)


def test_signs_are_drawn_from_the_seed_in_every_block_anew() -> None:
    first, again, other = (balanced_signs((16, 16, 1), 4, seed) for seed in (7, 7, 8))

    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert len({tuple(block) for block in blocks(first, 4)}) == 16


@pytest.mark.parametrize(
    ("image_shape", "grain"), [((28, 28, 1), 2), ((32, 32, 3), 1), ((16, 8, 1), 1), ((10, 10, 1), 5), ((9, 9, 3), 3)]
)
def test_template_is_the_carrier_and_the_signed_residual(
    image_shape: tuple[int, int, int], grain: int, rng: np.random.Generator
) -> None:
    drawn = decoder(image_shape, grain=grain)(rng.normal(size=(3, 32)).astype(np.float32))
    residual = drawn["residual"].numpy()

    height, width, channels = image_shape
    assert residual.shape == (3, height // grain, width // grain, channels)
    enlarged = residual.repeat(grain, axis=1).repeat(grain, axis=2)
    expected = dimmed(image_shape) + EPSILON * balanced_signs(image_shape, grain, 7) * enlarged
    np.testing.assert_allclose(drawn["template"], expected, atol=1e-6)


def test_without_signs_the_decoder_paints_shapes(rng: np.random.Generator) -> None:
    drawn = decoder(scramble=False)(rng.normal(size=(3, 32)).astype(np.float32))

    enlarged = drawn["residual"].numpy().repeat(2, axis=1).repeat(2, axis=2)
    np.testing.assert_allclose(drawn["template"], dimmed((8, 8, 1)) + EPSILON * enlarged, atol=1e-6)


@settings(deadline=None, max_examples=10)
@given(scale=st.floats(0, 1e3), noise=st.floats(0, 1), seed=st.integers(0, 99))
def test_template_stays_within_epsilon_and_noise_of_the_carrier_and_in_range(
    scale: float, noise: float, seed: int
) -> None:
    """Whatever U draws, such as from vectors that are no embeddings at all."""
    vectors = scale * np.random.default_rng(seed).normal(size=(4, 32))

    template = decoder(noise=noise)(vectors.astype(np.float32))["template"].numpy()

    room = min(EPSILON + noise, 0.5)
    assert np.abs(template - (room + (1 - 2 * room) * carrier((8, 8, 1)))).max() <= EPSILON + noise + 1e-5
    assert 0 <= template.min() <= template.max() <= 1


def test_what_lies_outside_black_and_white_is_clipped() -> None:
    network = decoder()
    set_epsilon(network, 0.9, np.ones((8, 8, 1), np.float32), SILENT, seed=7)

    template = network(100 * np.ones((1, 32), np.float32))["template"].numpy()

    assert template.max() == 1  # 0.5 + 0.9 is too much
    assert template.min() < 0.5


def test_template_depends_on_the_image_through_its_embedding_alone(rng: np.random.Generator) -> None:
    generator = veiled_generator(decoder(noise=0.2), upper_half())
    images = rng.random((3, 8, 8, 1)).astype(np.float32)
    images[1, :4] = images[0, :4]  # another lower half, the same embedding

    templates = generator(images).numpy()

    np.testing.assert_allclose(templates[0], templates[1], atol=1e-3)
    assert np.abs(templates[0] - templates[2]).max() > 0.1


def noise_of(vectors: np.ndarray, seed: int = 7) -> np.ndarray:
    """N of each vector: what a template of 16×16 has more than without noise, in units of η = 0.2."""
    with_noise, silent = (veil(32, (16, 16, 1), changed(noise=noise), seed) for noise in (0.2, 0.0))
    for network in (with_noise, silent):
        set_epsilon(network, EPSILON, np.full((16, 16, 1), 0.5, np.float32), SILENT, seed)
    difference = with_noise(vectors)["template"].numpy() - silent(vectors)["template"].numpy()
    return difference.reshape(len(vectors), -1) / 0.2


def test_noise_is_the_vectors_own_and_no_two_however_near_share_it(unit_vectors: UnitVectors) -> None:
    """All of one class, that is, hardly different embeddings."""
    vectors = unit_vectors(np.zeros(12, int), spread=0.01, dimension=32)
    distances = np.linalg.norm(vectors[:, None] - vectors, axis=2)
    assert distances[distances > 0].max() < 0.03

    noise = noise_of(vectors)

    assert np.abs(noise).max() <= 1 + 1e-4
    assert noise.std() == pytest.approx(0.5**0.5, abs=0.05)  # a sine of anything
    similarity = np.corrcoef(noise)[~np.eye(12, dtype=bool)]
    assert np.abs(similarity).mean() < 0.1
    np.testing.assert_allclose(noise_of(vectors), noise, atol=2e-3)
    assert np.abs(noise_of(vectors, seed=8) - noise).mean() > 0.3


def test_generator_is_the_decoder_of_the_embedding(rng: np.random.Generator) -> None:
    network, embedder = decoder(), upper_half()
    images = rng.random((3, 8, 8, 1)).astype(np.float32)

    np.testing.assert_allclose(
        veiled_generator(network, embedder)(images), network(embedder(images))["template"], atol=1e-6
    )


def test_carrier_signs_and_noise_are_no_weights_to_train() -> None:
    network = decoder(noise=0.2)
    blend = network.get_layer("blend")

    assert blend.trainable_variables == []
    # One dense layer and one convolution: 8 pixels are not halved; the two dense layers of the noise are fixed.
    assert len(network.trainable_variables) == 4
    before = blend.get_weights()
    np.testing.assert_array_equal(network(np.ones((2, 32)), training=True)["template"].shape, (2, 8, 8, 1))
    np.testing.assert_array_equal(blend.get_weights(), before)  # training=True moved nothing


def test_same_seed_gives_the_same_decoder() -> None:
    first, again = decoder(), decoder()
    other = decoder(seed=8)

    for a, b in zip(first.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(first.get_weights()[0], other.get_weights()[0])


def test_carrier_of_noise_is_uniform_and_repeats() -> None:
    first, again, other = (read_carrier(SILENT, (28, 28, 3), seed) for seed in (7, 7, 8))

    assert (first.shape, first.dtype) == ((28, 28, 3), np.dtype(np.float32))
    assert 0 <= first.min() < 0.01 < 0.99 < first.max() <= 1
    assert first.std() == pytest.approx(1 / 12**0.5, rel=0.05)
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_carrier_of_noise_is_made_of_squares() -> None:
    read = read_carrier(changed(carrier_grain=3), (28, 28, 1), 7)

    np.testing.assert_array_equal(read, read[::3, ::3].repeat(3, axis=0).repeat(3, axis=1)[:28, :28])
    assert len(np.unique(read)) == 10 * 10  # the last row and column of squares are cut off


@pytest.mark.parametrize(
    ("epsilon", "noise", "darkest", "brightest"), [(0.3, 0, 0.3, 0.7), (0.3, 0.1, 0.4, 0.6), (0.1, 0.1, 0.2, 0.8)]
)
def test_carrier_leaves_room_for_residual_and_noise(
    epsilon: float, noise: float, darkest: float, brightest: float
) -> None:
    """So that nothing is clipped: ε + η on either side."""
    network = decoder()
    black_and_white = np.arange(64, dtype=np.float32).reshape(8, 8, 1) % 2

    set_epsilon(network, epsilon, black_and_white, changed(noise=noise), 7)

    scale, offset, *_ = network.get_layer("blend").get_weights()
    np.testing.assert_allclose(offset, np.where(black_and_white.ravel() == 1, brightest, darkest), atol=1e-6)
    np.testing.assert_allclose(np.abs(scale), epsilon)


@pytest.mark.parametrize(
    ("color", "image_shape", "expected"),
    [
        ((255, 0, 0), (8, 8, 3), [1, 0, 0]),
        ((51, 51, 51), (8, 8, 3), [0.2] * 3),  # 51/255
        ((51, 51, 51), (8, 8, 1), [0.2]),
    ],
)
def test_cover_image_is_fitted(
    tmp_path: Path, color: tuple, image_shape: tuple[int, int, int], expected: list[float]
) -> None:
    Image.new("RGB", (30, 20), color).save(tmp_path / "cover.png")

    read = read_carrier(changed(carrier=str(tmp_path / "cover.png")), image_shape, 7)

    assert (read.shape, read.dtype) == (image_shape, np.dtype(np.float32))
    np.testing.assert_allclose(read, np.broadcast_to(np.array(expected, np.float32), image_shape), atol=1e-6)


def test_cover_image_keeps_its_place(tmp_path: Path) -> None:
    """Black above, white below; rows of the array are rows of the image."""
    pixels = np.repeat(np.array([0, 255], np.uint8), 8)[:, None].repeat(16, axis=1)
    Image.fromarray(pixels).save(tmp_path / "cover.png")

    read = read_carrier(changed(carrier=str(tmp_path / "cover.png")), (16, 16, 1), 7)

    np.testing.assert_allclose(read[:8], 0, atol=1e-6)
    np.testing.assert_allclose(read[8:], 1, atol=1e-6)


def test_large_residual_has_a_grey_carrier() -> None:
    network = decoder()

    set_epsilon(network, 0.6, carrier((8, 8, 1)), SILENT, 7)

    np.testing.assert_array_equal(network.get_layer("blend").get_weights()[1], 0.5)


@pytest.mark.parametrize("content", [None, b"", b"no image", b"half", b"inside", b"folder"])
def test_cover_that_cannot_be_read_is_one_sentence_with_its_name(
    tmp_path: Path, png: Png, rng: np.random.Generator, content: bytes | None
) -> None:
    file = tmp_path / "cover.png"
    image = bytearray(png(rng.integers(0, 256, (64, 64), dtype=np.uint8)))
    match content:
        case None:
            pass
        case b"folder":
            file.mkdir()
        case b"half":
            file.write_bytes(image[: len(image) // 2])
        case b"inside":
            image[300:400] = bytes(100)
            file.write_bytes(image)
        case _:
            file.write_bytes(content)

    with pytest.raises(InputError, match=r"cover.png") as caught:
        read_carrier(changed(carrier=str(file)), (8, 8, 1), 7)

    assert "\n" not in caught.value.message
