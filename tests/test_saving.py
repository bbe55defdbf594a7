import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import keras
import numpy as np
import pytest

from masquerade.errors import InputError
from masquerade.generators.unet.network import unet
from masquerade.saving import load_model, save_model

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return unet((8, 8, 1), width=2, depth=1, seed=7)


def test_equal_models_are_equal_bytes_whenever_they_are_saved(tmp_path: Path, model: keras.Model) -> None:
    save_model(model, tmp_path / "a" / "generator.keras")
    time.sleep(2.1)  # a zip file counts two seconds
    save_model(model, tmp_path / "b" / "generator.keras")

    assert (tmp_path / "a" / "generator.keras").read_bytes() == (tmp_path / "b" / "generator.keras").read_bytes()
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["generator.keras"]


def test_two_processes_write_equal_bytes(tmp_path: Path) -> None:
    """Keras writes the addresses of shared objects, such as a nested model's types, into the file."""
    code = """
import sys, keras
from pathlib import Path
from masquerade.generators.unet.network import unet
from masquerade.saving import save_model
images = keras.layers.Input((8, 8, 1))
save_model(keras.Model(images, unet((8, 8, 1), width=2, depth=1, seed=7)(images), name="outer"), Path(sys.argv[1]))
"""
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "a.keras")], check=True, capture_output=True)
    keras.utils.clear_session()  # layers are numbered as in a new process
    images, inner = keras.layers.Input((8, 8, 1)), unet((8, 8, 1), width=2, depth=1, seed=7)
    save_model(keras.Model(images, inner(images), name="outer"), tmp_path / "b.keras")

    assert (tmp_path / "a.keras").read_bytes() == (tmp_path / "b.keras").read_bytes()


def test_saved_model_computes_the_same(tmp_path: Path, model: keras.Model, rng: np.random.Generator) -> None:
    save_model(model, tmp_path / "generator.keras")
    images = rng.random((3, 8, 8, 1)).astype("float32")

    np.testing.assert_allclose(load_model(tmp_path / "generator.keras")(images), model(images), atol=1e-6)


Mutations = Callable[[bytes, int], Iterator[bytes]]


def test_missing_file_names_the_way_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"generator.keras: missing; dvc repro"):
        load_model(tmp_path / "generator.keras")


@pytest.mark.parametrize("kept", [0, 100, 0.5])
def test_truncated_file_is_called_so(tmp_path: Path, model: keras.Model, kept: float) -> None:
    """Keras says that it is not found."""
    path = tmp_path / "generator.keras"
    save_model(model, path)
    content = path.read_bytes()
    path.write_bytes(content[: kept if isinstance(kept, int) else int(kept * len(content))])

    with pytest.raises(InputError, match=r"generator.keras: is not a complete Keras model: File is not a zip file$"):
        load_model(path)


@pytest.fixture(scope="module")
def small() -> keras.Model:
    return keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(2)])


def assert_sentences(path: Path, messages: list[str]) -> None:
    assert all(message.startswith(f"{path}: is not a complete Keras model: ") for message in messages)
    assert "\n" not in "".join(messages)


def test_damaged_file_opens_as_it_was_or_is_one_sentence(
    tmp_path: Path, small: keras.Model, mutations: Mutations
) -> None:
    path, sentences = tmp_path / "small.keras", []
    save_model(small, path)

    for content in mutations(path.read_bytes(), 400):
        path.write_bytes(content)
        try:
            loaded = load_model(path)
        except InputError as error:
            sentences.append(error.message)
        else:  # a date in the archive
            for a, b in zip(loaded.get_weights(), small.get_weights(), strict=True):
                np.testing.assert_array_equal(a, b)

    assert len(sentences) > 250
    assert_sentences(path, sentences)


@pytest.mark.parametrize("damaged", ["config.json", "model.weights.h5"])
def test_archive_of_damaged_members_opens_or_is_one_sentence(
    tmp_path: Path, small: keras.Model, mutations: Mutations, damaged: str
) -> None:
    """Damage that happened before the checksums were made."""
    path, sentences = tmp_path / "small.keras", []
    save_model(small, path)
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}

    for content in mutations(members[damaged], 120):
        with zipfile.ZipFile(path, "w") as file:
            for name, member in members.items():
                file.writestr(name, content if name == damaged else member)
        try:
            load_model(path)
        except InputError as error:
            sentences.append(error.message)

    assert len(sentences) > 50
    assert_sentences(path, sentences)
