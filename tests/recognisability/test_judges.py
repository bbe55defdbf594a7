from pathlib import Path

import numpy as np
import pytest

from masquerade.embedders.dlib import network as dlib_network
from masquerade.errors import InputError
from masquerade.params import Judge, Params
from masquerade.recognisability.features import gradients
from masquerade.recognisability.judge import feature_network
from masquerade.recognisability.judges import load_judges
from masquerade.saving import save_model

SHAPE = (16, 16, 1)


@pytest.fixture
def settings(params: Params) -> Judge:
    return params.modality("digits").judge.model_copy(update={"pretrained": None})


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    save_model(feature_network(SHAPE, width=2, seed=7), tmp_path / "judge.keras")
    return tmp_path / "judge.keras"


def test_judges_are_the_network_of_the_file_and_gradients(
    trained: Path, settings: Judge, rng: np.random.Generator
) -> None:
    images = rng.random((5, *SHAPE), dtype=np.float32)

    loaded = load_judges(settings, trained, SHAPE)

    assert list(loaded) == ["cnn", "hog"]
    np.testing.assert_allclose(loaded["cnn"](images), feature_network(SHAPE, 2, 7)(images), atol=1e-5)
    np.testing.assert_array_equal(loaded["hog"](images), gradients(images))


def test_dlib_joins_them_where_it_is_wanted(trained: Path, settings: Judge, rng: np.random.Generator) -> None:
    images = rng.random((2, *SHAPE), dtype=np.float32)

    loaded = load_judges(settings.model_copy(update={"pretrained": "dlib"}), trained, SHAPE)

    assert list(loaded) == ["cnn", "hog", "dlib"]
    np.testing.assert_allclose(loaded["dlib"](images), dlib_network(SHAPE, None)(images), atol=1e-5)


def test_facenet_that_cannot_be_had_is_one_sentence(
    trained: Path, settings: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    def offline(given: object) -> Path:
        raise InputError("facenet: cannot be downloaded")

    monkeypatch.setattr("masquerade.embedders.facenet.weights_file", offline)
    with pytest.raises(InputError, match="cannot be downloaded"):
        load_judges(settings.model_copy(update={"pretrained": "facenet"}), trained, SHAPE)


def test_missing_network_is_named(tmp_path: Path, settings: Judge) -> None:
    with pytest.raises(InputError, match=r"judge.keras"):
        load_judges(settings, tmp_path / "judge.keras", SHAPE)
