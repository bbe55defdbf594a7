"""The whole pipeline as its users run it: a clone, `dvc repro`, an experiment, and what DVC and MLflow then show.

The real embedders and real images, but as few as possible; and processes that need not import TensorFlow
(tests/warm_python.py).
"""

import json
import re
import time
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from copy import deepcopy
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from mlflow_runs import client, local, nested
from repository import call, json_of, succeed
from ruamel.yaml import YAML

if TYPE_CHECKING:
    from dvc.repo import Repo

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


GENERATORS = ("unet", "veiled", "keyed")
EXPERIMENT = ("distances", "gallery", "roc")
OUTSIDE = {"outside@digits", "outside@faces"}
"""What DVC always runs."""
QUEUED = {"alpha-4": 4.0, "it's-0.1": 0.1}
"""Experiments, each with its α.

The tiny generators are so far from any usual α that 0.2 and 0.4 give equal weights, and DVC then stops. With 3 or 4 the
embedding loss is 0 from the first step.
"""
TARGETS = {
    "alpha-4": ("train_generator@digits-veiled", *(f"{stage}@digits" for stage in EXPERIMENT)),
    "it's-0.1": ("train_generator@digits-unet",),
}
BY_ALPHA = {"train_generator@digits-unet", "distort@digits-unet"} | of("digits", *EXPERIMENT)
"""What alpha-4 runs besides `modules`, `outside` and `shared`: not the veiled generator, which does not read α."""
TRAINED = ("unet", "veiled")
SHARED = {f"shared@{generator}" for generator in TRAINED}


@pytest.fixture(scope="module")
def project(reproduced: Path, warm_python: None) -> Path:
    """A clone with tiny parameters after `dvc repro`; its results are committed."""
    return reproduced / "masquerade"


@pytest.fixture(scope="module")
def repro(reproduced: Path) -> str:
    """What `dvc repro` printed."""
    return (reproduced / "repro.log").read_text(encoding="utf-8")


@contextmanager
def opened(project: Path) -> "Iterator[Repo]":
    """The project as DVC has read it; it names stages as seen from the current folder."""
    from dvc.repo import Repo

    with chdir(project), Repo() as repository:
        yield repository


def changed_stages(project: Path) -> set[str]:
    """What DVC would run."""
    with opened(project) as repository:
        return set(repository.status())


@pytest.fixture(scope="module")
def stages(project: Path) -> set[str]:
    return names_of_stages(project)


def names_of_stages(project: Path) -> set[str]:
    with opened(project) as repository:
        return {stage.addressing for stage in repository.index.stages}


def test_repro_runs_every_stage_of_a_clone(project: Path, repro: str, stages: set[str]) -> None:
    assert stages - ran(repro) <= {"shared@veiled"}  # its file, {}, may be in DVC's cache from another stage
    assert len(stages) == 2 * 27 + 2 * 2 * len(GENERATORS) + len(TRAINED) + 4
    verification = json.loads((project / "reports/faces/verification.json").read_text())
    assert verification["unet"]["real_template"]["n_genuine"] == 72
    assert (project / "reports/report.html").stat().st_size > 100_000
    results = (project / "reports/results.md").read_text(encoding="utf-8")
    assert results.count("| digits: ") == results.count("| faces: ") == 5


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


def test_dvc_sees_a_changed_parameter(project: Path) -> None:
    """The report prints all parameters, so it depends on the file."""
    params = YAML().load(project / "params.yaml")
    params["generator"]["alpha"] = 0.3
    with other_params(project, params):
        assert changed_stages(project) == SHARED | {"roc@digits", "roc@faces", "report", "modules"} | OUTSIDE


def test_another_modality_adds_its_stages_and_changes_the_report(project: Path, stages: set[str]) -> None:
    """tests/test_extensions.py runs such stages."""
    params = YAML().load(project / "params.yaml")
    params["modalities"].append("letters")
    params["letters"] = deepcopy(params["digits"])
    with other_params(project, params):
        added = names_of_stages(project) - stages
        status = changed_stages(project)

    its = {stage for stage in stages if "@digits" in stage and not stage.startswith("alpha_")}
    assert added == {stage.replace("digits", "letters") for stage in its}
    assert status == added | OUTSIDE | {"report", "modules"}


@contextmanager
def other_params(project: Path, params: object) -> Iterator[None]:
    """Write params.yaml, which is afterwards again what it was."""
    file = project / "params.yaml"
    before = file.read_text(encoding="utf-8")
    YAML().dump(params, file)
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
    """What an experiment that trains the U-Net with another α printed."""
    change = ("-S", "generator.alpha=3.0", "-n", "here-3")
    output = succeed(project, "dvc", "exp", "run", *change, "train_generator@digits-unet")
    restore(project)
    return output


@pytest.fixture(scope="module")
def queue(project: Path, experiment: str) -> None:
    """Two experiments that run at once, each in a folder of its own."""
    for name, alpha in QUEUED.items():
        change = ("-S", f"generator.alpha={alpha}", "-n", name)
        succeed(project, "dvc", "exp", "run", "--queue", *change, *TARGETS[name])
    # Not through a pipe, which the workers would hold open, and this would wait for them.
    succeed(project, "sh", "-c", "dvc queue start --jobs 2 > /dev/null 2>&1")


@pytest.fixture(scope="module")
def queued(project: Path, queue: None) -> str:
    """What `dvc queue status` prints when they have ended."""
    deadline = time.monotonic() + 900
    with opened(project) as repository:
        tasks = repository.experiments.celery_queue
        while any(tasks.iter_queued()) or any(tasks.iter_active()):
            assert time.monotonic() < deadline, succeed(project, "dvc", "queue", "status")
            time.sleep(1)
    return succeed(project, "dvc", "queue", "status")


@pytest.fixture(scope="module")
def experiments(project: Path, queued: str) -> pd.DataFrame:
    """DVC's table of all experiments, by their names."""
    return pd.read_csv(StringIO(succeed(project, "dvc", "exp", "show", "--csv"))).set_index("Experiment")


def test_an_experiment_runs_what_its_alpha_changes(experiment: str) -> None:
    assert ran(experiment) == {"modules", "outside@digits", "shared@unet", "train_generator@digits-unet"}


SHAPES = {"digits": (28, 28, 1), "faces": (32, 32, 1)}


@pytest.mark.usefixtures("eagerly")
@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("digits-embedder", (10,)),
        ("faces-embedder", (128,)),
        *((f"{modality}-{kind}", shape) for modality, shape in SHAPES.items() for kind in TRAINED),
    ],
)
def test_registered_models_load_and_predict(
    project: Path, queue: None, name: str, shape: tuple, monkeypatch: pytest.MonkeyPatch
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
            again = mlflow.pyfunc.load_model(f"models:/{name}@here-3").predict(images)
            assert not np.allclose(again, outputs)


@pytest.mark.usefixtures("eagerly")
def test_a_packaged_model_makes_templates_with_a_key(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As MLflow serves it: .png files and names in, templates and F(T) out; F(X) only where it is asked for."""
    import mlflow

    from masquerade.keys import Keyring, Record, create_key
    from masquerade.lock import Lock
    from masquerade.recognition.model import open_model, pixels, png

    monkeypatch.setenv("MLFLOW_TRACKING_URI", "")
    mlflow.set_tracking_uri(f"sqlite:///{project / 'mlflow.db'}")
    monkeypatch.chdir(project)
    key = create_key(project.parent / "key")
    monkeypatch.setenv("MASQUERADE_KEY", str(project.parent / "key"))
    with np.load("data/faces/test.npz") as file:
        images = file["images"][:2]
    rows = pd.DataFrame({"image": [png(image) for image in images], "subject": ["Ada", "Bo"]})

    served = mlflow.pyfunc.load_model("models:/faces-keyed/1")
    made = served.predict(rows, params={"cropped": True, "system": "door"})
    embedded = np.stack(served.predict(rows, params={"cropped": True, "embed": True})["vector"])

    model = open_model("faces")
    np.testing.assert_allclose(model.embed(images), embedded, atol=1e-5)
    vectors = np.stack(made["vector"])
    np.testing.assert_allclose(model.embed(pixels(made["template"])), vectors, atol=1e-5)
    records = [Record("door", *its) for its in zip(["Ada", "Bo"], made["number"], strict=True)]
    lock = Lock(model.components, Keyring(key, records))
    templates, _ = model.paint(embedded, lock)  # with the keys of these numbers
    np.testing.assert_allclose(pixels(templates).astype(int), pixels(made["template"]), atol=1)
    assert open_model("models:/faces-keyed/1").digest == model.digest
    with pytest.raises(Exception, match="row 0: has neither an image nor pixels"):
        served.predict(rows[["subject"]])


def test_dvc_draws_the_plots(project: Path, queue: None, tmp_path: Path) -> None:
    assert_plots(tmp_path, succeed(project, "dvc", "plots", "show", "--out", str(tmp_path)))


def test_queued_experiments_run_at_once_are_kept_and_change_nothing_here(
    project: Path, queued: str, experiments: pd.DataFrame
) -> None:
    assert queued.count("Success") == 2
    assert {name: experiments.loc[name, "generator.alpha"] for name in QUEUED} == QUEUED
    assert succeed(project, "git", "status", "--porcelain") == ""


def test_a_queued_experiment_runs_what_its_alpha_changes(project: Path, queued: str) -> None:
    logs = succeed(project, "dvc", "queue", "logs", "alpha-4")

    assert ran(logs) == {"modules", "outside@digits"} | SHARED | BY_ALPHA


def test_dvc_compares_an_experiment_with_its_baseline(project: Path, queued: str, experiments: pd.DataFrame) -> None:
    metrics = json_of(succeed(project, "dvc", "metrics", "diff", "HEAD", "alpha-4", "--json"))
    changed = metrics["reports/digits/verification.json"]["unet.within_alpha"]
    params = json_of(succeed(project, "dvc", "params", "diff", "HEAD", "alpha-4", "--json"))

    assert (changed["new"], changed["old"] < 1) == (1, True)
    assert "unet.real_template.eer" in metrics["reports/digits/verification.json"]
    assert experiments.loc["here-3", "generator.alpha"] == 3
    assert [column for column in experiments if str(column).endswith("unet.real_template.eer")]
    (change,) = params["params.yaml"].items()
    assert (change[0], change[1]["old"], change[1]["new"]) == ("generator.alpha", 0.2, 4)


def test_dvc_draws_the_plots_of_an_experiment_beside_its_baseline(project: Path, queued: str, tmp_path: Path) -> None:
    assert_plots(tmp_path, succeed(project, "dvc", "plots", "diff", "HEAD", "alpha-4", "--out", str(tmp_path)))


def assert_plots(folder: Path, output: str) -> None:
    page = (folder / "index.html").read_text(encoding="utf-8")

    assert "WARNING" not in output
    for title in ("ROC of digits (Fig. 13)", "EER against the margin α (Fig. 12), digits", "d_emb of unet, faces"):
        assert title in page or json.dumps(title)[1:-1] in page
    assert "gallery.png" in page


def test_mlflow_has_a_parent_for_each_state_with_a_run_for_each_stage(
    project: Path, experiment: str, queued: str, stages: set[str]
) -> None:
    parents = nested(project)
    baseline = next(name for name in parents if re.fullmatch(r"[0-9a-f]{7}-[0-9a-f]{7}", name))

    # One more for the experiment that a wrong parameter stopped before it could begin: none.
    assert set(parents) == {baseline, "here-3", *QUEUED}
    run, children = parents[baseline]
    assert set(children) == {
        stage for stage in stages if not stage.startswith(("contents", "modules", "outside", "shared"))
    }
    assert {child.info.status for child in children.values()} == {run.info.status} == {"FINISHED"}
    assert set(parents["here-3"][1]) == set(parents["it's-0.1"][1]) == {"train_generator@digits-unet"}
    assert set(parents["alpha-4"][1]) == BY_ALPHA
    for name in ("here-3", *QUEUED):
        run_of_it, children_of_it = parents[name]
        assert {each.info.status for each in (run_of_it, *children_of_it.values())} == {"FINISHED"}
    for training in ("train_embedder@digits", "train_generator@faces-veiled", "train_judge@digits"):
        assert "loss" in children[training].data.metrics
    assert run.data.tags["mlflow.source.name"] == "dvc repro"
    assert parents["here-3"][0].data.tags["mlflow.source.name"] == "dvc exp run: here-3"
    assert run.data.tags["mlflow.note.content"] == succeed(project, "git", "show", "HEAD:reports/results.md")
    assert {each.tags[0].value for each in run.inputs.dataset_inputs} == {"all", "train", "test"}
    models = {client(project).get_logged_model(each.model_id).name for each in run.outputs.model_outputs}
    assert models == {f"{modality}-{kind}" for modality in ("digits", "faces") for kind in ("embedder", *GENERATORS)}


@pytest.mark.parametrize(
    ("name", "alias", "alpha"),
    [
        ("it's-0.1", "it-s-0-1", "0.1"),
        ("alpha-4", "alpha-4", "4.0"),
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


def test_mlflow_compares_two_alphas(project: Path, queued: str) -> None:
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
        } <= set(run.data.metrics)
        folder = local(run.info.artifact_uri)
        assert folder.is_relative_to(project / "mlartifacts")
        assert (folder / "digits" / "gallery.png").is_file()
        assert (folder / "digits" / "table3.csv").is_file()
    of_faces = {"faces.unet.real_template.eer", "faces.unet.delta_eer", "faces.veiled.delta_eer"}
    assert of_faces | {"digits.recognisability.veiled.rank_1"} <= set(baseline.data.metrics)
    assert (local(baseline.info.artifact_uri) / "faces" / "table3.csv").is_file()
    assert (local(baseline.info.artifact_uri) / "cards" / "digits-unet.md").is_file()  # the report did not run again
    for modality in ("digits", "faces"):
        written = json.loads(succeed(project, "git", "show", f"HEAD:reports/{modality}/verification.json"))
        for kind in GENERATORS:
            eer = written[kind]["real_template"]["eer"]
            assert baseline.data.metrics[f"{modality}.{kind}.real_template.eer"] == pytest.approx(eer)
