"""Images, networks and templates that the stages write, and the processes that write them."""

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from masquerade.data.image_set import ImageSet
from masquerade.evaluation.templates import Templates
from masquerade.json_file import read_json
from masquerade.paths import Paths

if TYPE_CHECKING:
    import keras

pytestmark = pytest.mark.usefixtures("in_finished")

MODALITIES = ("digits", "faces")
GENERATORS = ("unet", "veiled")
EACH = [(modality, generator) for modality in MODALITIES for generator in GENERATORS]
EVALUATION = ("distances", "pca", "roc", "folds", "confusion", "gallery")
ROOT = Path(__file__).parents[2]


def python(code: str, *arguments: str, **environment: str) -> str:
    """Run a program in a process of its own; return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], env=os.environ | environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_download_reads_every_image_of_the_source() -> None:
    digits, faces = (ImageSet.load(Paths(modality).images) for modality in MODALITIES)

    assert digits.images.shape == (200, 28, 28, 1)
    assert digits.names.tolist() == list("0123456789")
    assert np.bincount(digits.labels).tolist() == [20] * 10
    assert faces.images.shape[:3] == (48, 32, 32)
    assert np.bincount(faces.labels).tolist() == [4] * 12


def test_split_is_stratified_for_digits_and_by_person_for_faces() -> None:
    counts = {modality: pd.read_csv(Paths(modality).reports / "class_counts.csv") for modality in MODALITIES}
    faces = [ImageSet.load(path).subjects for path in (Paths("faces").train, Paths("faces").test)]

    assert counts["digits"].train.tolist() == [16] * 10
    assert counts["digits"].test.tolist() == [4] * 10
    assert sorted(counts["faces"].train) == sorted(counts["faces"].test) == [0] * 6 + [4] * 6
    assert not set(faces[0]) & set(faces[1])
    for modality in MODALITIES:
        held_out = ImageSet.load(Paths(modality).test)
        assert np.bincount(held_out.labels, minlength=len(held_out.names)).tolist() == counts[modality].test.tolist()


@pytest.fixture(scope="module")
def networks(finished: Path) -> "dict[str, dict[str, keras.Model]]":
    """Each modality's networks, opened with Keras alone."""
    import keras

    names = ("embedder", "generators/unet", "generators/veiled", "generators/keyed", "judge")
    return {
        modality: {
            name.rpartition("/")[2]: keras.models.load_model(finished / f"models/{modality}/{name}.keras")
            for name in names
        }
        for modality in MODALITIES
    }


@pytest.mark.parametrize("name", ["embedder", "generators/unet", "generators/veiled", "generators/keyed", "judge"])
@pytest.mark.parametrize("modality", MODALITIES)
def test_files_open_without_this_package(modality: str, name: str) -> None:
    """Whoever gets a file has Keras alone: all that it names is Keras' own, and Keras opens no code in a file."""
    with zipfile.ZipFile(f"models/{modality}/{name}.keras") as archive:
        config = archive.read("config.json").decode()

    modules = set(re.findall(r'"module": "(\w+)', config))
    assert modules == {"keras"}
    assert "masquerade" not in config
    assert ">" not in config  # Keras' name of a registered class is package>class
    assert "Lambda" not in config


@pytest.mark.parametrize("modality", MODALITIES)
def test_embedder_is_the_one_behind_every_number(modality: str, networks: "dict[str, dict[str, keras.Model]]") -> None:
    embedder = networks[modality]["embedder"]
    vectors = np.asarray(embedder(ImageSet.load(Paths(modality).test).images / np.float32(255)))

    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(vectors, Templates.load(Paths(modality).templates("unet")).real_embeddings, atol=1e-4)
    assert (embedder.trainable, embedder.trainable_weights) == (False, [])


@pytest.mark.usefixtures("eagerly")
@pytest.mark.parametrize(("modality", "kind"), EACH)
def test_stored_template_is_what_the_generator_draws(
    modality: str, kind: str, networks: "dict[str, dict[str, keras.Model]]"
) -> None:
    """The paper's code evaluates something else than G(X) (errata 3); and F(T) must come from the 8-bit pixels."""
    from masquerade.generators.refine import refine

    paths = Paths(modality)
    test, templates = ImageSet.load(paths.test), Templates.load(paths.templates(kind))
    generator, embedder = networks[modality][kind], networks[modality]["embedder"]
    drawn = generator.predict(test.images / np.float32(255), verbose=0)
    steps = {"unet": 0, "veiled": 2}[kind]
    drawn = np.round(refine(drawn, templates.real_embeddings, embedder, steps) * 255)

    assert templates.images.dtype == np.uint8
    assert templates.images.shape == test.images.shape
    assert np.abs(drawn - templates.images).max() <= 1  # another batch size may round another way
    assert (drawn == templates.images).mean() > 0.99
    assert np.abs(drawn - test.images).mean() > 5  # it is not the image itself
    of_stored = embedder.predict(templates.images / np.float32(255), verbose=0)
    np.testing.assert_allclose(templates.template_embeddings, of_stored, atol=1e-4)
    for vectors in (templates.real_embeddings, templates.template_embeddings):
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("modality", MODALITIES)
def test_veiled_template_is_drawn_from_the_embedding_alone(
    modality: str, networks: "dict[str, dict[str, keras.Model]]"
) -> None:
    """No pixel of an image reaches its template but through F: its decoder, given F(X) alone, draws the same."""
    images = ImageSet.load(Paths(modality).test).images[:4] / np.float32(255)
    embedder, veiled = networks[modality]["embedder"], networks[modality]["veiled"]

    decoded = veiled.get_layer("veil")(embedder(images))["template"]
    np.testing.assert_allclose(decoded, veiled(images), rtol=0, atol=0.01)


@pytest.mark.usefixtures("eagerly")
@pytest.mark.parametrize("modality", MODALITIES)
def test_keyed_template_is_drawn_and_unlocked_with_the_key_of_its_record(
    modality: str, networks: "dict[str, dict[str, keras.Model]]"
) -> None:
    """The locked vector is all that is drawn, and what a verifier compares with is F(T), unlocked."""
    from masquerade.generators.refine import refine
    from masquerade.keys import Keyring, Record, public_key
    from masquerade.lock import Lock, components_of

    test, templates = ImageSet.load(Paths(modality).test), Templates.load(Paths(modality).templates("keyed"))
    generator, embedder = networks[modality]["keyed"], networks[modality]["embedder"]
    names = test.names[test.labels].tolist()
    records = [Record(modality, f"held-out: {name}", number) for number, name in enumerate(names)]
    lock = Lock(components_of(generator), Keyring(public_key(7), records))

    drawn = generator.predict(lock.codes(templates.real_embeddings).astype(np.float32), verbose=0)
    drawn = np.round(refine(drawn, lock.lock(templates.real_embeddings), embedder, 1) * 255)

    assert np.abs(drawn - templates.images).max() <= 1
    of_stored = embedder.predict(templates.images / np.float32(255), verbose=0)
    np.testing.assert_allclose(templates.template_embeddings, lock.unlock(of_stored), atol=1e-4)
    assert np.abs(templates.template_embeddings - of_stored).max() > 0.1  # what anybody sees is another vector


def test_alpha_sweep_trains_a_generator_for_each_alpha() -> None:
    table = pd.read_csv("reports/digits/alpha_sweep.csv", index_col="alpha")
    test = ImageSet.load(Paths("digits").test)
    sweep = {alpha: Templates.load(Paths("digits").sweep_templates(alpha)) for alpha in (0.0, 4.0)}

    assert table.index.tolist() == [0.0, 4.0]
    for alpha, templates in sweep.items():
        row = table.loc[alpha]
        assert row["d_emb"] == pytest.approx(templates.d_emb.mean(), rel=1e-5)
        assert row["within_alpha"] == pytest.approx((templates.d_emb <= alpha).mean())
        assert row["mse"] == pytest.approx(np.mean((templates.images / 255 - test.images / 255) ** 2), rel=1e-5)
    assert not np.array_equal(sweep[0.0].images, sweep[4.0].images)
    assert (table["validation_delta_eer_low"] <= table["validation_delta_eer_high"]).all()


@pytest.mark.parametrize("modality", MODALITIES)
def test_generator_curves_follow_eq_7(modality: str) -> None:
    """loss = (1 − π)·ℓ_img + π·ℓ_emb with π = λ/(1 + λ), for training and held-out images."""
    curves = pd.read_csv(Paths(modality).reports / "training" / "unet.csv", index_col="epoch")
    pi_emb = curves["multiplier"] / (1 + curves["multiplier"])

    assert curves.index.tolist() == [1, 2]
    for prefix in ("", "val_"):
        parts = (1 - pi_emb) * curves[f"{prefix}generated_loss"] + pi_emb * curves[f"{prefix}embedding_loss"]
        np.testing.assert_allclose(curves[f"{prefix}loss"], parts, rtol=1e-3, atol=1e-4)
        assert (curves[f"{prefix}generated_loss"] < 0).all()
        assert (curves[f"{prefix}embedding_d_emb"] >= curves[f"{prefix}embedding_loss"]).all()


@pytest.mark.parametrize("modality", MODALITIES)
def test_veiled_curves_add_both_losses(modality: str) -> None:
    curves = pd.read_csv(Paths(modality).reports / "training" / "veiled.csv", index_col="epoch")

    assert curves.index.tolist() == [1, 2]
    np.testing.assert_allclose(curves["loss"], curves["residual_loss"] + curves["embedding_loss"], rtol=1e-3, atol=1e-4)
    assert curves["residual_square"].between(0, 1).all()
    assert curves["epsilon"].between(0.1, 0.5).all()


@pytest.mark.parametrize("modality", MODALITIES)
def test_judge_has_curves_and_maps_an_image_to_128_numbers(
    modality: str, networks: "dict[str, dict[str, keras.Model]]"
) -> None:
    curves = pd.read_csv(Paths(modality).reports / "judge_curves.csv", index_col="epoch")

    assert networks[modality]["judge"].output_shape == (None, 128)
    assert curves.index.tolist() == [1]
    assert {"loss", "accuracy"} <= set(curves)


RUN = """
import runpy, sys
scripts, *commands = sys.argv[1:]
for command in commands:
    stage, *arguments = command.split()
    sys.argv = [stage, *arguments]
    try:
        runpy.run_path(f"{scripts}/{stage}.py", run_name="__main__")
    except SystemExit as end:
        assert not end.code, command
print(*sorted(sys.modules))
"""


def test_evaluation_never_loads_the_training_framework(project: Path) -> None:
    """TensorFlow costs 8 s a stage; the target for an evaluation stage is 5 s. Here they all run, in one process.

    It is a plain python; the pipeline's tests run them in forks of a process that has imported the libraries. A stage
    that trains is started in a plain one in test_failures.py.
    """
    commands = [*(f"{stage} --modality faces" for stage in (*EVALUATION, "contents")), "report"]
    output = python(RUN, str(ROOT / "stages"), *commands)

    assert not {"keras", "tensorflow", "jax", "torch"} & set(output.splitlines()[-1].split())
    assert json.loads((project / "reports/timings/faces/roc.json").read_text())["seconds"] > 0


def test_stages_without_results_are_timed_but_load_no_mlflow(project: Path) -> None:
    """Each `dvc repro` runs some of them; MLflow and pandas would take seconds."""
    for name in ("dvc.yaml", "masquerade", "stages"):  # modules hashes them
        (project / name).symlink_to(ROOT / name)
    commands = ["outside --modality faces", "contents --modality faces", "shared --generator unet", "modules"]
    output = python(RUN, str(ROOT / "stages"), *commands)

    assert not {"mlflow", "pandas", "keras", "tensorflow"} & set(output.splitlines()[-1].split())
    for timing in ("faces/outside", "faces/contents", "all/shared@unet", "all/modules"):
        assert read_json(project / f"reports/timings/{timing}.json")["seconds"] > 0
