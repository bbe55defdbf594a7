from collections.abc import Callable

import keras
import numpy as np
import pytest

from masquerade.errors import InputError
from masquerade.recognisability.detector import face_detector

pytest.importorskip("mtcnn")

Detect = Callable[[np.ndarray], np.ndarray]


@pytest.fixture(scope="module")
def face() -> np.ndarray:
    """Eileen Collins' portrait, which scikit-image brings along, (200, 200, 3)."""
    data = pytest.importorskip("skimage.data")
    return (data.astronaut()[0:200, 120:320] / 255).astype(np.float32)


@pytest.fixture(scope="module")
def noise() -> np.ndarray:
    return np.random.default_rng(0).random((200, 200, 3), dtype=np.float32)


@pytest.fixture(scope="module")
def detect() -> Detect:
    return face_detector()


def test_a_face_is_found_and_noise_is_none(detect: Detect, face: np.ndarray, noise: np.ndarray) -> None:
    assert detect(np.stack([face, face])).tolist() == [True, True]
    assert detect(np.stack([noise, noise])).tolist() == [False, False]
    assert detect(np.full((2, 96, 96, 3), 0.5, np.float32)).tolist() == [False, False]


def test_images_are_told_not_faces(detect: Detect, face: np.ndarray, noise: np.ndarray) -> None:
    """Images without a face beside one with two."""
    two = np.concatenate([face, face], axis=1)
    blank = np.full_like(two, 0.5)

    assert detect(np.stack([noise, face, noise, noise])).tolist() == [False, True, False, False]
    assert detect(np.stack([blank, two, blank, blank])).tolist() == [False, True, False, False]


def test_grey_and_small_images_are_shown_as_photographs(detect: Detect, face: np.ndarray) -> None:
    small = face.reshape(40, 5, 40, 5, 3).mean(axis=(1, 3))

    assert detect(face.mean(axis=-1)[None, ..., None]).tolist() == [True]
    assert detect(small[None]).tolist() == [True]


def test_another_backend_is_refused_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")

    sentence = "mtcnn needs TensorFlow: set judge.detector to null, or run this without KERAS_BACKEND=jax"
    with pytest.raises(InputError, match=sentence):
        face_detector()
