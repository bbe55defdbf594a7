"""The command line on a real F and a real G, tiny ones, in models/ as the pipeline leaves them."""

import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import keras
import numpy as np
import pytest
from click.testing import CliRunner, Result
from linear_model import CALIBRATION
from PIL import Image
from repository import ROOT

from masquerade.cli.main import masquerade
from masquerade.embedders.dense import dense
from masquerade.generators.keyed.deriving import keyed_generator
from masquerade.generators.veiled.network import veil, veiled_generator
from masquerade.json_file import write_json
from masquerade.keys import create_key
from masquerade.lock import Components
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.saving import save_model

pytestmark = pytest.mark.slow


@pytest.fixture
def call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, params: Params, rng: np.random.Generator
) -> Callable[..., Result]:
    """Run a command in a project with models of 8 × 8 pixels, a key and two pictures."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MASQUERADE_KEY", "key")
    create_key(Path("key"))
    shutil.copy(ROOT / "params.yaml", tmp_path)
    paths, embedder = Paths("faces"), dense((8, 8, 1), hidden=16, dimension=6, seed=1)
    settings = params.modality("faces").settings("veiled").changed({"width": 4, "noise": 0.0})
    veiled = veiled_generator(veil(6, (8, 8, 1), settings, seed=7), embedder)
    images = rng.integers(0, 256, (24, 8, 8, 1), dtype=np.uint8)
    vectors = embedder.predict(images / np.float32(255), verbose=0)
    networks: dict[Path, keras.Model] = {
        paths.embedder: embedder,
        paths.generator("veiled"): veiled,
        paths.generator("keyed"): keyed_generator(veiled, Components.fit(vectors, 4, 0.5)),
    }
    for path, network in networks.items():
        save_model(network, path)
    points = [point._asdict() for point in CALIBRATION.points]
    write_json(
        paths.usage("keyed"),
        {"photographs": "face", "refinement": 0, "calibration": asdict(CALIBRATION) | {"points": points}},
    )
    for number, image in enumerate(images[:2]):
        Image.fromarray(image.squeeze()).save(f"{number}.png")
    return lambda *arguments: CliRunner().invoke(masquerade, arguments)


def test_from_pictures_to_templates_and_answers(call: Callable[..., Result]) -> None:
    assert call("enroll", "Ada", "0.png", "--cropped").exit_code == 0
    result = call("verify", "Ada", "0.png", "--cropped", "--json")
    assert result.exit_code in (0, 3), result.output  # an untrained G paints noise
    assert call("renew", "--all").stdout == "1 template renewed\n"

    for generator, keyed in ((), True), (("--generator", "keyed"), True), (("--generator", "veiled"), False):
        out = "-".join(("out", *generator))
        result = call("distort", "0.png", "1.png", "--out", out, "--cropped", *generator)
        assert (result.exit_code, result.stdout) == (0, "2 made, 0 were there, 0 failed\n"), result.output
        with Image.open(f"{out}/0.png") as image:
            assert ("key" in image.info) is keyed
            assert image.size == (8, 8)
    assert call("distort", "0.png", "--out", "out", "--generator", "nothing").exit_code == 2
    # The folder holds templates with a key: none without one gets among them.
    assert call("distort", "0.png", "--out", "out", "--cropped", "--generator", "veiled").exit_code == 1
    assert call("embed", "0.png", "1.png", "--out", "vectors.npz", "--cropped").exit_code == 0
