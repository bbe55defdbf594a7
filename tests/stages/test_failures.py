"""A stage that cannot work says why in one sentence, exits with 1 and leaves every file as it was."""

import os
import re
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from failing import OF_ALL, STAGES, arguments, call, failure
from fixture_types import Run
from parameters import change

from masquerade.data.image_set import ImageSet
from masquerade.recognisability.judge import ViewedBatches
from masquerade.saving import load_model

ROOT = Path(__file__).parents[2]
MODELS = {
    "train_embedder": "embedder",
    "train_generator": "generators/unet",
    "train_generator@veiled": "generators/veiled",
    "train_judge": "judge",
}


@pytest.mark.parametrize("stage", STAGES)
def test_help_shows_an_example_that_the_command_takes(run: Run, stage: str) -> None:
    result = run(stage, "--help")
    example = re.search(rf"Example: python stages/{stage}\.py((?: \S+)*)", " ".join(result.output.split()))

    assert result.exit_code == 0
    assert example
    given = re.findall(r"--\w+", example[1].split(" Options:")[0])
    assert given == [option for option in arguments(stage) if option.startswith("--")]


@pytest.mark.parametrize("stage", STAGES)
def test_wrong_parameter_is_named_before_any_work(run: Run, project: Path, stage: str) -> None:
    change(project, "generator.alpha", "abc")

    sentence = failure(run, project, stage)

    assert sentence == "Error: params.yaml: generator.alpha: must be between 0 and 4, got 'abc'"


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage not in OF_ALL])
def test_unknown_modality_is_one_sentence(run: Run, project: Path, stage: str) -> None:
    assert "dogs" in failure(run, project, stage, modality="dogs")


def test_unknown_generator_is_named_with_those_there_are(run: Run, project: Path) -> None:
    result = run("distort", "--modality", "digits", "--generator", "gan")

    assert result.exit_code == 2
    assert "'gan' is not one of 'keyed', 'unet', 'veiled'" in result.output


@pytest.mark.parametrize("modality", ["seed", "evaluation", "model_fields"])
def test_a_section_that_is_no_modality_is_refused(run: Run, project: Path, modality: str) -> None:
    assert f"must be one of digits, faces, got '{modality}'" in failure(run, project, "download", modality)


@pytest.mark.parametrize(
    ("key", "value", "named"),
    [
        ("digits.source", "/nowhere/digits", "source: /nowhere/digits does not exist"),
        ("digits.source", None, "needs the parameter source"),
        ("digits.dataset", "mnits", "dataset: must be one of mnist5k, mnist, idx, orl, lfw, folder, got 'mnits'"),
    ],
)
def test_download_names_what_it_cannot_read(run: Run, project: Path, key: str, value: object, named: str) -> None:
    change(project, key, value)

    assert named in failure(run, project, "download")


@pytest.mark.parametrize(
    ("stage", "key", "value", "named"),
    [
        ("split", "digits.test_fraction", 0.001, "test_fraction"),
        ("split", "faces.held_out", ["s1", "Tony_Blair"], "held_out: the data set has no class 'Tony_Blair'"),
        ("folds", "evaluation.folds.count", 61, "evaluation.folds.count: 61 folds need"),  # 60 mated pairs
        ("folds", "digits.pairs", "/nowhere/pairs.txt", "/nowhere/pairs.txt: cannot be read"),
        ("confusion", "evaluation.mock_system.images", 5, "3 classes of 5 images"),
        ("confusion", "evaluation.mock_system.classes", 9, "evaluation.mock_system.classes"),
        ("alpha_curve", "alpha_sweep.shown", "ten", "alpha_sweep.shown: 'ten' is not a held-out class of digits"),
        ("train_generator", "generator.optimizer", "adamant", "generator.optimizer: 'adamant'"),
        ("train_generator", "digits.unet.training.batch_size", 1000, "batch_size 1000"),
        ("failure_modes", "digits.unet.training.batch_size", 1000, "batch_size 1000"),  # no failure of Table 5
        ("train_judge", "digits.judge.batch_size", 1000, "batch_size 1000"),
        (
            "train_generator@veiled",
            "digits.veiled.carrier",
            "/nowhere/cover.png",
            "veiled.carrier: /nowhere/cover.png does not exist",
        ),
        (
            "derive_generator",
            "digits.keyed.components",
            11,
            "digits.keyed.components: the embeddings fill fewer than 11",
        ),
        ("train_embedder", "digits.triplet.batch_size", 500, "batch_size 500"),
        ("train_embedder", "digits.embedder_weights", 3, "digits.embedder_weights"),
    ],
)
def test_parameter_that_does_not_fit_the_data_is_named(
    run: Run, project: Path, stage: str, key: str, value: object, named: str
) -> None:
    change(project, key, value)

    assert named in failure(run, project, stage, modality="faces" if key.startswith("faces.") else "digits")


@pytest.mark.usefixtures("eagerly")
def test_diverged_generator_is_not_saved(run: Run, project: Path) -> None:
    change(project, "digits.unet.training.learning_rate", 1e30)

    sentence = failure(run, project, "train_generator")

    assert re.search(r"the loss is (nan|inf|-inf)", sentence)
    assert "learning rate" in sentence


@pytest.mark.usefixtures("eagerly")
def test_diverged_embedder_is_not_saved(run: Run, project: Path) -> None:
    change(project, "digits.triplet.learning_rate", 1e30)

    sentence = failure(run, project, "train_embedder")

    assert "learning rate" in sentence


@pytest.mark.usefixtures("eagerly")
def test_collapsed_generator_is_not_saved(run: Run, project: Path) -> None:
    """A blank template for every digit, from two of the causes Table 5 names."""
    change(project, "digits.unet.training.learning_rate", 3.0)
    change(project, "digits.unet.loss.pi_emb", 0.0)

    sentence = failure(run, project, "train_generator")

    assert "the same image for every input" in sentence
    assert "learning rate" in sentence


@pytest.mark.usefixtures("eagerly")  # as where the finished project was made: the last digits depend on it
@pytest.mark.parametrize(
    ("stage", "full"),
    [
        ("train_embedder", "reports/digits/embedder.json"),
        ("train_generator", "models/digits/generators/unet.keras"),
        ("train_generator@veiled", None),  # the temporary folder
        ("train_judge", "reports/digits/judge_curves.csv"),
    ],
)
def test_result_that_cannot_be_stored_costs_no_epoch(
    run: Run,
    project: Path,
    finished: Path,
    monkeypatch: pytest.MonkeyPatch,
    stage: str,
    full: str | None,
) -> None:
    """A folder in the file's place stands in for the full disk."""
    model = f"models/digits/{MODELS[stage]}.keras"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{finished / 'mlflow.db'}")
    with monkeypatch.context() as patch:
        if full is None:
            patch.setattr(tempfile, "tempdir", "/nowhere")
        else:
            (project / full).unlink()
            (project / full).mkdir()
        failed = call(run, stage)
    assert failed.exit_code == 1
    assert ": epoch 1 of " in failed.output
    assert failed.output.splitlines()[-1].startswith("Error: ")
    assert len(list((project / "models/digits").glob(".training-*"))) == 1
    if full is not None:
        (project / full).rmdir()

    repeated = call(run, stage)

    assert repeated.exit_code == 0, repeated.output
    assert ": epoch 1 of " not in repeated.output
    assert list((project / "models/digits").glob(".training-*")) == []
    for a, b in zip(load_model(finished / model).get_weights(), load_model(project / model).get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


@pytest.mark.usefixtures("eagerly")
def test_training_with_other_labels_starts_again(run: Run, project: Path) -> None:
    (project / "reports/digits/judge_curves.csv").unlink()
    (project / "reports/digits/judge_curves.csv").mkdir()  # the state stays, because the result cannot be stored
    assert ": epoch 1 of " in call(run, "train_judge").output
    assert ": epoch 1 of " not in call(run, "train_judge").output
    train = ImageSet.load(project / "data/digits/train.npz")
    replace(train, labels=train.labels[::-1].copy()).save(project / "data/digits/train.npz")

    assert ": epoch 1 of " in call(run, "train_judge").output


@pytest.mark.usefixtures("eagerly")
def test_stage_that_lives_on_alone_is_named_to_the_next_one(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when DVC is killed and called again; and a stage that trains gets that far in a plain python."""
    begin_epoch = ViewedBatches.begin_epoch
    ended: list[subprocess.CompletedProcess[str]] = []

    def call_again(self: ViewedBatches, epoch: int) -> None:
        begin_epoch(self, epoch)
        if epoch == 0 and not ended:
            command = [sys.executable, str(ROOT / "stages/train_judge.py"), *arguments("train_judge")]
            environment = os.environ | {"PYTHONPATH": str(ROOT)}
            ended.append(subprocess.run(command, env=environment, capture_output=True, text=True))

    monkeypatch.setattr(ViewedBatches, "begin_epoch", call_again)
    first = run("train_judge", *arguments("train_judge"))

    (second,) = ended
    assert first.exit_code == 0, first.output
    assert second.returncode == 1
    assert re.fullmatch(
        rf"Error: models/digits/\.training-\w+: process {os.getpid()} is training there; wait for it or stop it, .*",
        second.stderr.splitlines()[-1],
    )


@pytest.mark.usefixtures("eagerly")
def test_provoked_explosion_is_a_row_without_numbers(run: Run, project: Path) -> None:
    """Table 5 names exploding gradients among the failures."""
    change(project, "failure_modes.provocations.contours.settings.training", {"learning_rate": 1e30, "steps": 3})

    result = run("failure_modes", "--modality", "digits")

    assert result.exit_code == 0, result.output
    assert re.search(r"contours: training stopped: the loss is (nan|inf|-inf)", result.output)
    assert run("failure_signs", "--modality", "digits").exit_code == 0
    table = pd.read_csv(project / "reports/digits/table5.csv", index_col=0)
    assert table.index.tolist() == ["unet", "veiled", "keyed", "contours"]
    assert table.loc["contours"].isna().all()
    assert table.drop(index="contours").notna().all(axis=None)
    assert run("report").exit_code == 0
    assert re.search(r"\| contours +\| nan ", (project / "reports/report.md").read_text(encoding="utf-8"))


def test_failed_stage_is_marked_in_mlflow(
    run: Run, project: Path, finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlflow.tracking import MlflowClient

    monkeypatch.setenv("DVC_EXP_NAME", "whole")
    assert run("roc", "--modality", "faces").exit_code == 0
    monkeypatch.setenv("DVC_EXP_NAME", "failed")
    (project / "data/faces/templates/veiled.npz").unlink()
    failure(run, project, "roc", modality="faces")

    client = MlflowClient(f"sqlite:///{finished / 'mlflow.db'}")
    runs = client.search_runs([client.get_experiment_by_name("masquerade").experiment_id])
    status = {(run.info.run_id, run.info.run_name): run.info.status for run in runs}
    for name, expected in (("whole", "FINISHED"), ("failed", "FAILED")):
        ((parent, _),) = [key for key in status if key[1] == name]
        (stage,) = [run for run in runs if run.data.tags.get("mlflow.parentRunId") == parent]
        assert (status[parent, name], stage.info.status) == (expected, expected)
