import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest

from masquerade.errors import InputError
from masquerade.generator.unet import unet
from masquerade.saving import load_model, save_model


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
from masquerade.generator.unet import unet
from masquerade.saving import save_model
images = keras.layers.Input((8, 8, 1))
save_model(keras.Model(images, unet((8, 8, 1), width=2, depth=1, seed=7)(images), name="outer"), Path(sys.argv[1]))
"""
    for name in "ab":
        subprocess.run([sys.executable, "-c", code, str(tmp_path / f"{name}.keras")], check=True, capture_output=True)

    assert (tmp_path / "a.keras").read_bytes() == (tmp_path / "b.keras").read_bytes()


def test_saved_model_computes_the_same(tmp_path: Path, model: keras.Model, rng: np.random.Generator) -> None:
    save_model(model, tmp_path / "generator.keras")
    images = rng.random((3, 8, 8, 1)).astype("float32")

    np.testing.assert_allclose(load_model(tmp_path / "generator.keras")(images), model(images), atol=1e-6)


@pytest.mark.parametrize("kept", [None, 0, 100, 0.5])
def test_missing_or_truncated_file_is_one_sentence(tmp_path: Path, model: keras.Model, kept: float | None) -> None:
    path = tmp_path / "generator.keras"
    if kept is not None:
        save_model(model, path)
        content = path.read_bytes()
        path.write_bytes(content[: kept if isinstance(kept, int) else int(kept * len(content))])

    with pytest.raises(InputError, match=r"generator.keras: ") as caught:
        load_model(path)

    assert "\n" not in caught.value.message
