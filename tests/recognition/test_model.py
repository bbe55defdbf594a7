"""How a model reads pictures; an F of which only the size is known stands for it."""

import io
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from linear_model import CALIBRATION
from PIL import Image

from masquerade.data.decode import decode
from masquerade.errors import InputError
from masquerade.recognition.model import Model

pytest.importorskip("mtcnn")


def model(faces: bool, side: int = 32) -> Model:
    embedder: Any = SimpleNamespace(input_shape=(None, side, side, 1))
    return Model(embedder, SimpleNamespace(), 0, CALIBRATION, "d" * 64, faces)


@pytest.fixture(scope="module")
def portrait() -> bytes:
    """Eileen Collins' portrait, which scikit-image brings along, 512×512; her face is a fifth of it."""
    buffer = io.BytesIO()
    Image.fromarray(pytest.importorskip("skimage.data").astronaut()).save(buffer, "PNG")
    return buffer.getvalue()


def test_the_face_is_what_f_sees(portrait: bytes) -> None:
    seen = model(faces=True).read("ada.png", portrait)

    assert seen.shape == (32, 32, 1)
    face = np.asarray(Image.fromarray(decode("x", portrait, 32, (70, 182, 169, 281))).convert("L"))  # by hand
    assert np.corrcoef(seen.ravel(), face.ravel())[0, 1] > 0.8


@pytest.mark.parametrize(("faces", "cropped"), [(True, True), (False, False), (False, True)])
def test_crops_and_what_is_no_face_are_taken_whole(portrait: bytes, faces: bool, cropped: bool) -> None:
    whole = np.asarray(Image.fromarray(decode("x", portrait, 32)).convert("L"))

    np.testing.assert_array_equal(model(faces).read("ada.png", portrait, cropped)[..., 0], whole)


def test_a_picture_without_a_face_is_one_sentence_with_the_option() -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (200, 200)).save(buffer, "PNG")

    with pytest.raises(InputError) as caught:
        model(faces=True).read("door.png", buffer.getvalue())

    assert caught.value.message == ("door.png: no face was found; --cropped if the image shows the face alone")
