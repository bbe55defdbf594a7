"""The command line on a model without Keras, in a folder of its own."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from linear_model import LinearModel, people
from PIL import Image

from masquerade.cli.main import masquerade
from masquerade.keys import create_key
from masquerade.recognition import model

FACES = people(12)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with key and pictures: 3-1.png is another one of the person of 3-0.png."""
    monkeypatch.chdir(tmp_path)
    for variable in ("MODEL", "GALLERY"):
        monkeypatch.delenv(f"MASQUERADE_{variable}", raising=False)
    monkeypatch.setenv("MASQUERADE_KEY", "key")
    monkeypatch.setattr(model, "open_model", lambda name: LinearModel())
    create_key(tmp_path / "key")
    for person, images in enumerate(FACES):
        for number, image in enumerate(images):
            Image.fromarray(image.squeeze()).save(tmp_path / f"{person}-{number}.png")
    return tmp_path


@pytest.fixture
def call(folder: Path) -> Callable[..., Result]:
    """Run a command there: call("verify", "Ada", "0-1.png")."""

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(masquerade, arguments, prog_name="masquerade")

    return run


@pytest.fixture
def enrolled(call: Callable[..., Result]) -> Callable[..., Result]:
    """The same, after six people were enrolled."""
    for person in range(6):
        assert call("enroll", f"person {person}", f"{person}-0.png").exit_code == 0
    return call
