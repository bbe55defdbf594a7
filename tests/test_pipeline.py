"""The whole pipeline as its users run it: a clone, `dvc repro`, an experiment, and what DVC and MLflow then show.

The real embedders and real images, but as few as possible; and processes that need not import TensorFlow
(tests/warm_python.py).
"""

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from mlflow_runs import client, local, nested
from repository import call, json_of, succeed
from ruamel.yaml import YAML

pytestmark = pytest.mark.slow


def restore(project: Path) -> None:
    """Bring the workspace back to the last commit."""
    succeed(project, "git", "checkout", "--quiet", ".")
    succeed(project, "dvc", "checkout", "--quiet")


def ran(output: str) -> set[str]:
    """The stages DVC ran."""
    return set(re.findall(r"Running stage '([^']+)'", output))


def of(modality: str, *stages: str) -> set[str]:
    return {f"{stage}@{modality}" for stage in stages}


GENERATORS = ("unet", "veiled")
EVALUATION = ("distances", "pca", "roc", "folds", "confusion", "gallery", "failure_signs")
JUDGED = ("recognisability", "adaptive_judge")
EXPERIMENT = ("distances", "gallery", "roc", "recognisability")
OUTSIDE = {"outside@digits", "outside@faces"}
"""What DVC always runs."""
QUEUED = {"it's-0.1": 0.1, "queued-0.3": 0.3}
"""Experiments, each with its α."""
SHARED = {f"shared@{generator}" for generator in GENERATORS}


DIGITS_BY_UNET = {"distort@digits-unet", "contents@digits", "report"} | of("digits", *EVALUATION, *JUDGED)
"""What another U-Net runs: no data, no embedder, no sweep, no veiled generator, which does not read α."""


@pytest.fixture(scope="module")
def project(reproduced: Path, warm_python: None) -> Path:
    """A clone with tiny parameters after `dvc repro`; its results are committed."""
    return reproduced / "masquerade"


@pytest.fixture(scope="module")
def repro(reproduced: Path) -> str:
    """What `dvc repro` printed."""
    return (reproduced / "repro.log").read_text(encoding="utf-8")


def changed_stages(project: Path) -> set[str]:
    """What DVC would run."""
    return set(json_of(succeed(project, "dvc", "status", "--json")))


@pytest.fixture(scope="module")
def stages(project: Path) -> set[str]:
    return set(succeed(project, "dvc", "stage", "list", "--name-only").split())


def test_repro_runs_every_stage_of_a_clone(project: Path, repro: str, stages: set[str]) -> None:
    assert stages - ran(repro) <= {"shared@veiled"}  # its file, {}, may be in DVC's cache from another stage
    assert len(stages) == 2 * 16 + (2 * 2 + 1) * len(GENERATORS) + 3
    verification = json.loads((project / "reports/faces/verification.json").read_text())
    assert verification["unet"]["real_template"]["n_genuine"] == 72
    assert (project / "reports/report.html").stat().st_size > 100_000


def test_what_git_tracks_after_a_run_is_small(project: Path, repro: str) -> None:
    """Data and models are in DVC's cache; only small reports are for git."""
    tracked = succeed(project, "git", "ls-files", "-z", "data", "models", "reports").rstrip("\0").split("\0")

    assert [name for name in tracked if name.endswith((".npz", ".keras", ".db"))] == []
    assert {"reports/report.md", "reports/digits/verification.json", "reports/cards/faces-unet.md"} <= set(tracked)
    assert max((project / name).stat().st_size for name in tracked) < 5_000_000
    assert succeed(project, "git", "ls-files", "mlflow.db", "mlartifacts", ".venv") == ""


def test_second_repro_does_nothing(project: Path, repro: str) -> None:
    output = succeed(project, "dvc", "repro")

    assert ran(output) == OUTSIDE
    assert succeed(project, "git", "status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("keys", "value", "expected"),
    [
        (("generator", "alpha"), 0.3, SHARED | {"roc@digits", "roc@faces"}),
        (
            ("devices",),
            2,
            {"alpha_sweep@digits"}.union(
                *(
                    of(modality, "train_embedder", "train_judge", "failure_modes")
                    | {f"train_generator@{modality}-{generator}" for generator in GENERATORS}
                    for modality in ("digits", "faces")
                )
            ),
        ),
        (("faces", "veiled", "epsilon"), 0.2, {"train_generator@faces-veiled"}),
        (
            ("faces", "refinement", "veiled"),
            3,
            {"distort@faces-veiled"} | of("faces", "folds", "adaptive_judge"),
        ),
        (("digits", "judge", "width"), 5, of("digits", "train_judge")),
        (("faces", "judge", "detector"), None, of("faces", "recognisability")),
        (("recognisability", "detections"), 3, of("digits", "recognisability") | of("faces", "recognisability")),
        (("faces", "unet", "loss", "pi_emb"), 0.3, {"train_generator@faces-unet", "failure_modes@faces"}),
        (("faces", "augmentation", "copies"), 1, {f"train_generator@faces-{generator}" for generator in GENERATORS}),
        (("faces", "embedder"), "facenet", of("faces", "train_embedder")),
        (("faces", "held_out"), ["s1"], of("faces", "split", "distances")),
        (("faces", "pairs"), "/path/pairs.txt", of("faces", "folds")),
        (("evaluation", "folds", "pairs"), 2, of("digits", "folds") | of("faces", "folds")),
        (("faces", "image_size"), 64, of("faces", "download")),
        (("faces", "crop"), [0, 92, 0, 92], of("faces", "download")),
        (("faces", "max_megapixels"), 12, of("faces", "download")),
        (("evaluation", "mock_system", "repeats"), 3, of("digits", "confusion") | of("faces", "confusion")),
        (
            ("failure_modes", "provocations", "contours", "alpha"),
            2,
            of("digits", "failure_modes", "failure_signs") | of("faces", "failure_modes", "failure_signs"),
        ),
        (("alpha_sweep", "shown"), "2", {"alpha_curve@digits"}),
        (("alpha_sweep", "images"), 20, {"alpha_sweep@digits", "alpha_curve@digits"}),
    ],
)
def test_stages_depend_on_the_parameters_they_read(
    project: Path, monkeypatch: pytest.MonkeyPatch, keys: tuple, value: object, expected: set
) -> None:
    """What a changed parameter invalidates at first, before anything has run; the report prints them all."""
    from dvc.repo import Repo

    monkeypatch.chdir(project)
    with changed_parameter(project, keys, value), Repo() as repository:
        assert set(repository.status()) == expected | OUTSIDE | {"report"}


@contextmanager
def changed_parameter(project: Path, keys: tuple, value: object) -> Iterator[None]:
    file = project / "params.yaml"
    before = file.read_text(encoding="utf-8")
    yaml = YAML()
    params = section = yaml.load(before)
    for key in keys[:-1]:
        section = section[key]
    section[keys[-1]] = value
    text = StringIO()
    yaml.dump(params, text)
    file.write_text(text.getvalue(), encoding="utf-8")
    try:
        yield
    finally:
        file.write_text(before, encoding="utf-8")


def test_wrong_parameter_stops_an_experiment_and_says_how_to_come_back(project: Path, repro: str) -> None:
    """`-S` checks no types, so the first stage must; whatever was trained stays."""
    outputs = [project / "models/digits/generators/unet.keras", project / "reports/digits/training/unet.csv"]
    try:
        done = call(project, "dvc", "exp", "run", "-S", "generator.alpha=abc", "train_generator@digits-unet")
        left = [path for path in outputs if path.exists()]
    finally:
        succeed(project, "sh", "-c", "git restore . && dvc checkout")

    assert done.returncode != 0
    assert (
        "Error: params.yaml: generator.alpha: must be between 0 and 4, got 'abc'; dvc exp run has changed params.yaml "
        "and removed this stage's outputs: `git restore . && dvc checkout` brings the last commit back\n" in done.stdout
    )
    assert "Traceback" not in done.stdout
    assert left == outputs
    assert all(path.is_file() for path in outputs)
    assert succeed(project, "git", "status", "--porcelain") == ""
    assert changed_stages(project) == OUTSIDE


def test_results_that_are_not_committed_come_back_without_training(project: Path, repro: str) -> None:
    """The README's other way back, for whoever has not committed: DVC's cache has the results of every run."""
    results = succeed(project, "git", "rev-parse", "HEAD").strip()
    succeed(project, "git", "reset", "--quiet", "HEAD~1")
    try:
        done = call(project, "dvc", "exp", "run", "-S", "generator.alpha=abc", "train_generator@digits-unet")
        assert done.returncode != 0
        output = succeed(project, "sh", "-c", "git restore params.yaml && dvc repro && git add --all")
        assert succeed(project, "git", "diff", results, "--stat") == ""
    finally:
        succeed(project, "git", "reset", "--quiet", "--hard", results)
        succeed(project, "dvc", "checkout", "--quiet")

    assert ran(output) == OUTSIDE


@pytest.fixture(scope="module")
def experiment(project: Path) -> str:
    """What an experiment with another α of some digits' stages printed; the workspace then holds its results.

    The tiny generators are so far from any usual α that 0.2 and 0.4 give equal weights, and DVC then stops. With 4
    the embedding loss is 0 from the first step.
    """
    targets = ("train_generator@digits-veiled", *sorted(of("digits", *EXPERIMENT)))
    return succeed(project, "dvc", "exp", "run", "-S", "generator.alpha=4.0", "-n", "alpha-4", *targets)


def test_an_experiment_runs_what_its_alpha_changes(experiment: str) -> None:
    by_alpha = {"train_generator@digits-unet", "distort@digits-unet"} | of("digits", *EXPERIMENT)

    assert ran(experiment) == {"outside@digits"} | SHARED | by_alpha


def test_another_unet_runs_everything_that_shows_it(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dvc.repo import Repo
    from networkx import ancestors

    monkeypatch.chdir(project)
    with Repo() as repository:
        (unet,) = repository.stage.collect("train_generator@digits-unet")
        assert {stage.addressing for stage in ancestors(repository.index.graph, unet)} == DIGITS_BY_UNET


def test_dvc_compares_the_experiment_with_its_baseline(project: Path, experiment: str) -> None:
    metrics = json_of(succeed(project, "dvc", "metrics", "diff", "--json"))
    changed = metrics["reports/digits/verification.json"]["unet.within_alpha"]
    table = pd.read_csv(StringIO(succeed(project, "dvc", "exp", "show", "--csv"))).set_index("Experiment")
    params = json_of(succeed(project, "dvc", "params", "diff", "HEAD", "--json"))

    assert (changed["new"], changed["old"] < 1) == (1, True)
    assert "unet.real_template.eer" in metrics["reports/digits/verification.json"]
    assert table.loc["alpha-4", "generator.alpha"] == 4
    assert [column for column in table if str(column).endswith("unet.real_template.eer")]
    (change,) = params["params.yaml"].items()
    assert (change[0], change[1]["old"], change[1]["new"]) == ("generator.alpha", 0.2, 4)


@pytest.mark.parametrize("command", [("show",), ("diff", "HEAD", "alpha-4")])
def test_dvc_draws_the_plots(project: Path, experiment: str, command: tuple, tmp_path: Path) -> None:
    output = succeed(project, "dvc", "plots", *command, "--out", str(tmp_path))
    page = (tmp_path / "index.html").read_text(encoding="utf-8")

    assert "WARNING" not in output
    for title in ("ROC of digits (Fig. 13)", "EER against the margin α (Fig. 12), digits", "d_emb of unet, faces"):
        assert title in page or json.dumps(title)[1:-1] in page
    assert "gallery.png" in page


@pytest.fixture(scope="module")
def queued(project: Path, experiment: str) -> str:
    """What `dvc queue status` printed after two experiments ran at once, each in a folder of its own."""
    restore(project)
    for name, alpha in QUEUED.items():
        change = ("-S", f"generator.alpha={alpha}", "-n", name)
        succeed(project, "dvc", "exp", "run", "--queue", *change, "train_generator@digits-unet")
    succeed(project, "dvc", "queue", "start", "--jobs", "2")
    deadline = time.monotonic() + 300
    while re.search(r"Queued|Running", status := succeed(project, "dvc", "queue", "status")):
        assert time.monotonic() < deadline, status
        time.sleep(5)
    return status


def test_queued_experiments_run_at_once_are_kept_and_change_nothing_here(project: Path, queued: str) -> None:
    table = pd.read_csv(StringIO(succeed(project, "dvc", "exp", "show", "--csv"))).set_index("Experiment")

    assert queued.count("Success") == 2
    assert {name: table.loc[name, "generator.alpha"] for name in QUEUED} == QUEUED
    assert succeed(project, "git", "status", "--porcelain") == ""


MODELS = ("embedder", *GENERATORS)


def test_mlflow_has_a_parent_for_each_state_with_a_run_for_each_stage(
    project: Path, experiment: str, queued: str, stages: set[str]
) -> None:
    parents = nested(project)
    baseline = next(name for name in parents if re.fullmatch(r"[0-9a-f]{7}-[0-9a-f]{7}", name))

    # One more for the experiment that a wrong parameter stopped before it could begin: none.
    assert set(parents) == {baseline, "alpha-4", *QUEUED}
    run, children = parents[baseline]
    assert set(children) == {stage for stage in stages if not stage.startswith(("contents", "outside", "shared"))}
    assert {child.info.status for child in children.values()} == {run.info.status} == {"FINISHED"}
    assert set(parents["alpha-4"][1]) == ran(experiment) - SHARED - OUTSIDE
    for training in ("train_embedder@digits", "train_generator@faces-veiled", "train_judge@digits"):
        assert "loss" in children[training].data.metrics
    assert run.data.tags["mlflow.source.name"] == "dvc repro"
    assert parents["alpha-4"][0].data.tags["mlflow.source.name"] == "dvc exp run: alpha-4"
    assert run.data.tags["mlflow.note.content"] == succeed(project, "git", "show", "HEAD:reports/results.md")
    assert {each.tags[0].value for each in run.inputs.dataset_inputs} == {"all", "train", "test"}
    models = {client(project).get_logged_model(each.model_id).name for each in run.outputs.model_outputs}
    assert models == {f"{modality}-{kind}" for modality in ("digits", "faces") for kind in MODELS}
    for name in QUEUED:
        assert {stage: run.info.status for stage, run in parents[name][1].items()} == {
            "train_generator@digits-unet": "FINISHED"
        }


@pytest.mark.parametrize(
    ("name", "alias", "alpha"),
    [
        ("it's-0.1", "it-s-0-1", "0.1"),
        ("queued-0.3", "queued-0-3", "0.3"),
    ],
)
def test_model_trained_in_a_folder_that_is_gone_is_registered_here(
    project: Path, queued: str, name: str, alias: str, alpha: str
) -> None:
    run, children = nested(project)[name]
    version = client(project).get_model_version_by_alias("digits-unet", alias)
    folder = local(client(project).get_model_version_download_uri("digits-unet", version.version))

    assert run.data.params["generator.alpha"] == alpha
    assert version.run_id == children["train_generator@digits-unet"].info.run_id
    assert folder.is_relative_to(project / "mlartifacts")
    assert (folder / "data" / "model.keras").is_file()


def test_mlflow_compares_two_alphas(project: Path, experiment: str) -> None:
    """Params, metrics and figures of both parents, by the same names."""
    parents = nested(project)
    baseline = next(run for name, (run, _) in parents.items() if re.fullmatch(r"[0-9a-f]{7}-[0-9a-f]{7}", name))
    other = parents["alpha-4"][0]

    for run, alpha in [(baseline, "0.2"), (other, "4.0")]:
        assert run.data.params["generator.alpha"] == alpha
        assert {
            "digits.real_real.eer",
            "digits.unet.real_template.eer",
            "digits.unet.delta_eer",
            "digits.veiled.delta_eer",
            "digits.recognisability.veiled.rank_1",
        } <= set(run.data.metrics)
        folder = local(run.info.artifact_uri)
        assert folder.is_relative_to(project / "mlartifacts")
        assert (folder / "digits" / "gallery.png").is_file()
        assert (folder / "digits" / "table3.csv").is_file()
    of_faces = {"faces.unet.real_template.eer", "faces.unet.delta_eer", "faces.veiled.delta_eer"}
    assert of_faces <= set(baseline.data.metrics)
    assert (local(baseline.info.artifact_uri) / "faces" / "table3.csv").is_file()
    assert (local(baseline.info.artifact_uri) / "cards" / "digits-unet.md").is_file()  # the report did not run again
    for modality in ("digits", "faces"):
        written = json.loads(succeed(project, "git", "show", f"HEAD:reports/{modality}/verification.json"))
        for kind in GENERATORS:
            eer = written[kind]["real_template"]["eer"]
            assert baseline.data.metrics[f"{modality}.{kind}.real_template.eer"] == pytest.approx(eer)


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("digits-embedder", (10,)),
        ("digits-unet", (28, 28, 1)),
        ("digits-veiled", (28, 28, 1)),
        ("faces-embedder", (128,)),
        ("faces-unet", (32, 32, 1)),
        ("faces-veiled", (32, 32, 1)),
    ],
)
def test_registered_models_load_and_predict(
    project: Path, experiment: str, name: str, shape: tuple, monkeypatch: pytest.MonkeyPatch
) -> None:
    import mlflow

    monkeypatch.setenv("MLFLOW_TRACKING_URI", "")  # so that what MLflow sets is taken back
    mlflow.set_tracking_uri(f"sqlite:///{project / 'mlflow.db'}")
    monkeypatch.chdir(project)
    modality = name.partition("-")[0]
    with np.load(f"data/{modality}/test.npz") as file:
        images = file["images"][:2] / np.float32(255)

    model = mlflow.pyfunc.load_model(f"models:/{name}/1")
    outputs = model.predict(images)

    assert outputs.shape == (2, *shape)
    assert np.isfinite(outputs).all()
    if name.endswith("embedder"):
        np.testing.assert_allclose(np.linalg.norm(outputs, axis=1), 1, atol=1e-5)
    else:
        assert 0 <= outputs.min() < outputs.max() <= 1
        if name == "digits-unet":  # the experiment's own; α changes no other
            again = mlflow.pyfunc.load_model(f"models:/{name}@alpha-4").predict(images)
            assert not np.allclose(again, outputs)
