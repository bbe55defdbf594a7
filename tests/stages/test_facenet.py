"""The faces' second embedder in the stages that use one."""

import io
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from fixture_types import Run
from PIL import Image
from ruamel.yaml import YAML

from masquerade import data
from masquerade.evaluation.templates import Templates
from masquerade.paths import Paths

if TYPE_CHECKING:
    import keras


@pytest.fixture
def few_faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two images of each of six people."""
    folder, image_set = tmp_path_factory.mktemp("faces"), data.read("orl", None, 92)
    for label in range(6):
        (folder / str(image_set.names[label])).mkdir()
        for index, image in enumerate(image_set.images[image_set.labels == label][:2]):
            Image.fromarray(image.squeeze()).save(folder / str(image_set.names[label]) / f"{index}.png")
    return folder


@pytest.mark.usefixtures("eagerly")
def test_faces_run_with_facenet_from_download_to_roc(
    run: Run,
    empty: Path,
    tiny_params: str,
    few_faces: Path,
    facenet: "keras.Model",
    facenet_weights: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """FaceNet's real weights cannot be downloaded where this was written: these are a stand-in.

    They have the file layout of the release and each of its kinds of blocks at 160×160, but random values. So this
    tests that the stages run with FaceNet and agree, not how well it tells people apart.
    """
    yaml, text = YAML(), io.StringIO()
    params = yaml.load(tiny_params)
    params["faces"] |= {"embedder": "facenet", "embedder_weights": str(facenet_weights), "source": str(few_faces)}
    # Of four images: one of three people is set aside.
    params["faces"]["unet"]["training"] |= {"steps": 1, "batch_size": 2}
    yaml.dump(params, text)
    Path("params.yaml").write_text(text.getvalue(), encoding="utf-8")

    # Building it again takes seconds; what is used is a clone of it.
    monkeypatch.setattr("keras_facenet.inception_resnet_v1.InceptionResNetV1", lambda *_, **__: facenet)
    paths = Paths("faces")
    for stage, *options in [
        *[[name] for name in ("download", "split", "train_embedder")],
        *[[name, "--generator", "unet"] for name in ("train_generator", "distort")],
        ["roc"],
    ]:
        if stage == "roc":  # wants the other generators' templates too, which would take another minute
            for other in ("veiled", "keyed"):
                shutil.copy(paths.templates("unet"), paths.templates(other))
        result = run(stage, "--modality", "faces", *options)
        assert result.exit_code == 0, f"{stage}: {result.output}"

    embedder = json.loads((paths.reports / "embedder.json").read_text())
    verification = json.loads((paths.reports / "verification.json").read_text())
    assert embedder["embedder"] == "facenet"
    assert verification["real_real"]["eer"] == pytest.approx(embedder["eer"], abs=1e-6)
    templates = Templates.load(paths.templates("unet"))
    assert templates.template_embeddings.shape == (6, 512)
    np.testing.assert_allclose(np.linalg.norm(templates.template_embeddings, axis=1), 1, atol=1e-5)
    assert templates.d_emb.min() > 0
