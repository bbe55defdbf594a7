import io
import struct
import zlib
from collections.abc import Iterator

import numpy as np
import pytest
from fixture_types import Png
from PIL import Image

from masquerade.data.decode import decode, decode_all
from masquerade.errors import InputError

PIXELS = np.arange(16 * 20, dtype=np.int64).reshape(16, 20).astype(np.uint8)


def test_crop_inside_the_image_is_exact(png: Png) -> None:
    np.testing.assert_array_equal(decode("x", png(PIXELS), 8, (2, 10, 5, 13))[..., 0], PIXELS[2:10, 5:13])


def test_crop_beyond_the_edge_repeats_it(png: Png) -> None:
    cropped = decode("x", png(PIXELS), 12, (-3, 9, 12, 24))[..., 0]

    np.testing.assert_array_equal(cropped, np.pad(PIXELS, ((3, 0), (0, 4)), mode="edge")[:12, 12:])


@pytest.mark.parametrize("shape", [(8, 12), (12, 8)])
def test_without_crop_the_middle_square_is_taken(png: Png, shape: tuple[int, int]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    middle = pixels[:, 2:10] if shape == (8, 12) else pixels[2:10]

    np.testing.assert_array_equal(decode("x", png(pixels), 8)[..., 0], middle)


@pytest.mark.parametrize(("mode", "channels"), [("1", 1), ("L", 1), ("RGB", 3), ("RGBA", 3), ("P", 3), ("CMYK", 3)])
def test_every_mode_becomes_grey_or_rgb(mode: str, channels: int) -> None:
    buffer = io.BytesIO()
    Image.new(mode, (8, 8)).save(buffer, "TIFF")

    assert decode("x", buffer.getvalue(), 8).shape == (8, 8, channels)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "PPM", "BMP", "TIFF", "WEBP"])
@pytest.mark.parametrize("share", [0.0, 0.05, 0.2, 0.5, 0.8])
def test_truncated_image_is_named(kind: str, share: float) -> None:
    buffer = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (16, 16), dtype=np.uint8)).save(buffer, kind)
    content = buffer.getvalue()

    with pytest.raises(InputError, match=r"s7/3.png: is not a readable image"):
        decode("s7/3.png", content[: int(share * len(content))], 8)


def test_flat_image_stays_flat_whatever_the_size(png: Png) -> None:
    assert set(decode("x", png(np.full((250, 250), 200, dtype=np.uint8)), 96).ravel()) == {200}


def test_many_images_come_sorted_with_their_paths(png: Png) -> None:
    files = [(f"a/{number:03}", png(np.full((8, 8), number, dtype=np.uint8))) for number in reversed(range(250))]

    paths, images = decode_all(iter(files), 8)

    assert paths == [f"a/{number:03}" for number in range(250)]
    np.testing.assert_array_equal(images[:, 0, 0, 0], np.arange(250))


def test_corrupt_image_among_many_is_named_and_stops_the_reading(png: Png) -> None:
    """While others still wait to be decoded."""
    good, read = png(np.zeros((8, 8), dtype=np.uint8)), []

    def files() -> Iterator[tuple[str, bytes]]:
        for number in range(20_000):
            read.append(number)
            yield f"a/{number:05}", good[:40] if number == 137 else good

    with pytest.raises(InputError, match=r"a/00137: is not a readable image"):
        decode_all(files(), 8)

    assert len(read) < 20_000


def test_colour_after_grey_gives_every_image_three_channels(png: Png) -> None:
    grey, colour = np.full((8, 8), 7, dtype=np.uint8), np.full((8, 8, 3), [1, 2, 3], dtype=np.uint8)

    _, images = decode_all([("b", png(colour)), ("a", png(grey))], 8)

    assert images[:, 0, 0].tolist() == [[7, 7, 7], [1, 2, 3]]


def test_no_images_are_no_error_here() -> None:
    paths, images = decode_all([], 8)

    assert paths == []
    assert images.shape == (0, 8, 8, 1)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_16_bit_image_is_refused_because_pillow_would_clip_it(kind: str) -> None:
    buffer = io.BytesIO()
    Image.fromarray(np.full((8, 8), 128 * 257, dtype=np.uint16)).save(buffer, kind)

    with pytest.raises(InputError, match=r"s7/3.png: "):
        decode("s7/3.png", buffer.getvalue(), 8)


TURNED = {
    1: PIXELS,
    2: PIXELS[:, ::-1],
    3: PIXELS[::-1, ::-1],
    4: PIXELS[::-1],
    5: PIXELS.T,
    6: PIXELS[::-1].T,  # by a quarter, clockwise: the first column, from the bottom, becomes the first row
    7: PIXELS[::-1, ::-1].T,
    8: PIXELS[:, ::-1].T,
}


@pytest.mark.parametrize("orientation", TURNED)
@pytest.mark.parametrize("crop", [(2, 10, 3, 11), None])
def test_image_is_turned_as_its_exif_says_before_it_is_cropped(orientation: int, crop: tuple | None) -> None:
    exif, buffer = Image.Exif(), io.BytesIO()
    exif[0x0112] = orientation
    Image.fromarray(PIXELS).save(buffer, "PNG", exif=exif)
    upright = TURNED[orientation]
    middle = upright[:, 2:18] if orientation < 5 else upright[2:18]

    image = decode("x", buffer.getvalue(), 8 if crop else 16, crop)[..., 0]

    np.testing.assert_array_equal(image, upright[2:10, 3:11] if crop else middle)


def test_of_a_crop_that_is_no_square_the_middle_is_taken(png: Png) -> None:
    np.testing.assert_array_equal(decode("x", png(PIXELS), 4, (2, 6, 5, 17))[..., 0], PIXELS[2:6, 9:13])


@pytest.mark.parametrize("crop", [(16, 24, 0, 8), (-8, 0, 0, 8), (0, 8, 20, 28), (0, 8, -8, 0)])
def test_crop_outside_the_image_is_refused(png: Png, crop: tuple) -> None:
    with pytest.raises(InputError, match=r"s7/3.png: .* the crop \(.*\) lies outside its 20×16 pixels"):
        decode("s7/3.png", png(PIXELS), 8, crop)


def test_144_megapixels_are_refused_before_they_are_decoded() -> None:
    """The header alone says so; whoever wants the image raises the parameter."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 12_000, 12_000, 8, 0, 0, 0, 0))
    content = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")

    with pytest.raises(InputError, match=r"s7/3.png: .* 12000×12000 pixels, more than max_megapixels = 50"):
        decode("s7/3.png", content, 8)
    with pytest.raises(InputError, match="truncated"):
        decode("s7/3.png", content, 8, max_megapixels=144)


def test_largest_image_is_as_large_as_the_parameter_says(png: Png) -> None:
    assert decode("x", png(PIXELS), 8, max_megapixels=320e-6).shape == (8, 8, 1)
    with pytest.raises(InputError, match="20×16 pixels"):
        decode("x", png(PIXELS), 8, max_megapixels=319e-6)


@pytest.mark.parametrize(("content", "reason"), [(b"", "it is empty"), (b"no image", "it is of no known format")])
def test_what_is_no_image_is_one_sentence_without_python(content: bytes, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        decode("s7/3.png", content, 8)

    assert caught.value.message == f"s7/3.png: is not a readable image: {reason}"
