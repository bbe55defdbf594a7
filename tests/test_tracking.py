"""A run must be found where a person looks for it, whatever started, killed or repeated the stage."""

import importlib.metadata
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import url2pathname

import numpy as np
import pandas as pd
import pytest

from masquerade import tracking
from masquerade.errors import InputError
from masquerade.tracking import stage_run

PARAMS = "seed: 7\ngenerator:\n  alpha: 0.2\n"
PARAMS_DIGEST = "873a5a8"  # sha256 of PARAMS
SOURCE = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store without runs, made once: MLflow takes a second to make one."""
    root = tmp_path_factory.mktemp("store")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DVC_ROOT", str(root))
        patch.setenv("MLFLOW_TRACKING_URI", "")
        tracking.initialise()
    return root / tracking.DATABASE


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project without a store, without git, and without the settings of whoever runs the tests."""
    for name in os.environ:
        if name.startswith("DVC_") or name == "MLFLOW_RUN_ID":
            monkeypatch.delenv(name)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "")  # MLflow sets it; so it is taken back
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    root = tmp_path / "a project"  # the blank is the point
    root.mkdir()
    (root / "params.yaml").write_text(PARAMS)
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def project(bare: Path, empty_store: Path) -> Path:
    """The same with an empty store."""
    shutil.copy(empty_store, bare / tracking.DATABASE)
    with sqlite3.connect(bare / tracking.DATABASE) as connection:
        place = (bare / tracking.ARTIFACTS).as_uri()
        connection.execute("UPDATE experiments SET artifact_location = ? WHERE name = 'masquerade'", [place])
    connection.close()
    return bare


def client(root: Path):
    from mlflow.tracking import MlflowClient

    return MlflowClient(f"sqlite:///{root / tracking.DATABASE}")


def runs(root: Path, query: str = "", view: int = 1) -> list:
    """The runs in the store, oldest first; view 1 is the living, 3 all."""
    ids = [client(root).get_experiment_by_name("masquerade").experiment_id]
    return client(root).search_runs(ids, query, run_view_type=view, order_by=["start_time"])


def parents(root: Path) -> list:
    return [run for run in runs(root) if "mlflow.parentRunId" not in run.data.tags]


def stages(root: Path) -> list:
    return [run for run in runs(root) if "mlflow.parentRunId" in run.data.tags]


def local(uri: str) -> Path:
    return Path(url2pathname(uri.removeprefix("file://")))


def artifacts(run) -> set[str]:
    folder = local(run.info.artifact_uri)
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def change_store(root: Path, statements: str) -> None:
    with sqlite3.connect(root / tracking.DATABASE) as connection:
        connection.executescript(statements)
    connection.close()


def script(root: Path, code: str, **environment: str) -> subprocess.Popen:
    """A stage in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", "from masquerade.tracking import stage_run\n" + code],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(SOURCE)} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_import_is_free() -> None:
    """``import masquerade.tracking`` must not cost the seconds that MLflow costs."""
    code = "import sys; print([m for m in ('mlflow', 'pandas', 'numpy', 'keras', 'filelock') if m in sys.modules])"
    with script(SOURCE, code) as process:
        assert process.communicate()[0].strip() == "[]"


def test_a_stage_is_nested_in_the_state_of_its_pipeline(project: Path) -> None:
    """Names, params, metrics and statuses as the UI shows them."""
    params = {"seed": 7, "digits": {"width": 16, "crop": [1, 2]}}
    with stage_run("roc", modality="digits", params=params) as run:
        assert [found.info.status for found in runs(project)] == ["RUNNING", "RUNNING"]
        run.log_metrics({"real_template.eer": 0.25})
    (parent,), (stage,) = parents(project), stages(project)
    assert parent.info.run_name == PARAMS_DIGEST
    assert parent.data.params == {"seed": "7", "generator.alpha": "0.2"}
    assert parent.data.metrics == {"digits.real_template.eer": 0.25}
    assert artifacts(parent) == {"params.yaml"}
    assert stage.info.run_name == "roc@digits"
    assert stage.data.tags["mlflow.parentRunId"] == parent.info.run_id
    assert stage.data.params == {"seed": "7", "digits.width": "16", "digits.crop": "[1, 2]"}
    assert stage.data.metrics["real_template.eer"] == 0.25
    assert 0 < stage.data.metrics["wall_seconds"] < 60
    assert (parent.info.status, stage.info.status) == ("FINISHED", "FINISHED")


def test_stages_of_one_state_share_a_parent(project: Path) -> None:
    """Parents are what a person compares: one a state, none a stage."""
    for modality in ("digits", "faces"):
        with stage_run("roc", modality=modality) as run:
            run.log_metrics({"eer": 0.5})
    with stage_run("report"):
        pass
    assert parents(project)[0].data.metrics == {"digits.eer": 0.5, "faces.eer": 0.5}
    assert [run.info.run_name for run in stages(project)] == ["roc@digits", "roc@faces", "report"]
    (project / "params.yaml").write_text(PARAMS.replace("0.2", "0.4"))
    with stage_run("report"):
        pass
    assert [run.data.params["generator.alpha"] for run in parents(project)] == ["0.2", "0.4"]


def test_experiment_names_its_parent(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``dvc exp run`` gives a name; the same name forced onto other params is another state."""
    monkeypatch.setenv("DVC_EXP_NAME", "stout-pouf")
    with stage_run("roc"):
        pass
    (project / "params.yaml").write_text(PARAMS.replace("0.2", "0.4"))
    with stage_run("roc"):
        pass
    assert [run.info.run_name for run in parents(project)] == ["stout-pouf", "stout-pouf"]
    assert [run.data.params["generator.alpha"] for run in parents(project)] == ["0.2", "0.4"]


@pytest.mark.parametrize("name", ["it's", 'say "no"', "100%", "a`b", "a\\b", "a'' or 'b", "ä–ö", "_%"])
def test_experiment_may_have_any_name(project: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """DVC accepts quotes, which end a string in MLflow's filters; a stage of a matrix may have them, too."""
    monkeypatch.setenv("DVC_EXP_NAME", name)
    for stage in (f"roc@{name}", "roc@other", f"roc@{name}"):
        monkeypatch.setenv("DVC_STAGE", stage)
        with stage_run("roc"):
            pass
    assert [run.info.run_name for run in parents(project)] == [name]
    assert [run.info.run_name for run in stages(project)] == ["roc@other", f"roc@{name}"]  # the first is replaced


def test_revision_names_the_parent(project: Path) -> None:
    """Outside an experiment the parent is the commit and the params."""
    identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
    for command in (["init", "-q"], [*identity, "commit", "-q", "--allow-empty", "-m", "x"]):
        subprocess.run(["git", *command], check=True)
    commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True).stdout.strip()
    with stage_run("roc"):
        pass
    assert parents(project)[0].info.run_name == f"{commit[:7]}-{PARAMS_DIGEST}"
    assert stages(project)[0].data.tags["mlflow.source.git.commit"] == commit


def test_every_combination_of_a_matrix_has_its_run(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """α is an axis that only DVC's name of the stage knows; without it one α would replace the other."""
    for name in ("alpha_sweep@0.1-digits", "alpha_sweep@0.2-digits"):
        monkeypatch.setenv("DVC_STAGE", name)
        with stage_run("alpha_sweep", modality="digits"):
            pass
    assert [run.info.run_name for run in stages(project)] == ["alpha_sweep@0.1-digits", "alpha_sweep@0.2-digits"]


def test_temporary_experiment_keeps_its_runs(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``dvc exp run --temp``: params from the working folder, store in the project, nothing left to be thrown away."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    (temporary / "params.yaml").write_text(PARAMS.replace("0.2", "0.4"))
    monkeypatch.chdir(temporary)
    monkeypatch.setenv("DVC_ROOT", str(project))
    with stage_run("roc") as run:
        run.log_files("params.yaml")
    assert parents(project)[0].data.params["generator.alpha"] == "0.4"
    assert [path.name for path in Path(temporary).iterdir()] == ["params.yaml"]
    shutil.rmtree(temporary)
    assert artifacts(stages(project)[0]) == {"params.yaml"}


def test_temporary_experiment_registers_its_model(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MLflow's registry looks a model up through a client of its own, by default in the current folder's store."""
    keras = pytest.importorskip("keras")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.chdir(temporary)
    monkeypatch.setenv("DVC_ROOT", str(project))
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    with stage_run("train") as run:
        assert run.log_model(model, name="tiny", example=np.zeros((1, 2), np.float32)) == "models:/tiny/1"
    assert list(temporary.iterdir()) == []
    assert client(project).get_model_version("tiny", "1").run_id == run.id
    folder = local(client(project).get_model_version_download_uri("tiny", "1"))
    assert folder.is_relative_to(project)
    assert (folder / "data" / "model.keras").is_file()


@pytest.mark.slow
def test_two_processes_create_one_store_and_one_parent(bare: Path) -> None:
    """``dvc repro`` and a queued experiment in a fresh clone; also: nothing of MLflow on the console."""
    both = [script(bare, f"with stage_run('roc', modality='{name}'): pass") for name in ("digits", "faces")]
    assert [process.communicate()[0] for process in both] == ["", ""]
    assert len(parents(bare)) == 1
    assert {run.info.run_name for run in stages(bare)} == {"roc@digits", "roc@faces"}


@pytest.mark.parametrize(("seed", "goes_on"), [(7, True), (8, False)])
def test_killed_stage_goes_on_under_its_params_only(project: Path, seed: int, goes_on: bool) -> None:
    """Params are write-once in MLflow: a killed run may only go on if they are the same."""
    with script(project, "import os\nwith stage_run('train', params={'seed': 7}): os._exit(9)") as process:
        assert process.wait() == 9
    (killed,) = stages(project)
    assert killed.info.status == "RUNNING"
    with stage_run("train", params={"seed": seed}):
        pass
    (run,) = stages(project)
    assert (run.info.run_id == killed.info.run_id) is goes_on
    assert (run.info.status, run.data.params) == ("FINISHED", {"seed": str(seed)})


def test_repeated_stage_replaces_its_run(project: Path) -> None:
    """A second result must not stand beside the first; the first can be restored."""
    for eer in (0.5, 0.25):
        with stage_run("roc", modality="digits") as run:
            run.log_metrics({"eer": eer})
    (stage,) = stages(project)
    assert stage.data.metrics["eer"] == 0.25
    assert parents(project)[0].data.metrics == {"digits.eer": 0.25}
    assert len(runs(project, view=3)) == 3


@pytest.mark.parametrize(("error", "status"), [(ValueError, "FAILED"), (KeyboardInterrupt, "KILLED")])
def test_failed_stage_says_so_until_it_is_repeated(project: Path, error: type[BaseException], status: str) -> None:
    """A failure must reach both DVC and the UI, and another stage's success must not cover it."""
    with pytest.raises(error), stage_run("train"):
        raise error
    with stage_run("roc"):
        pass
    assert [run.info.status for run in stages(project)] == [status, "FINISHED"]
    assert parents(project)[0].info.status == "FAILED"
    with stage_run("train"):
        pass
    assert [run.info.status for run in runs(project)] == ["FINISHED"] * 3


def test_run_id_of_the_environment_is_ignored(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """MLFLOW_RUN_ID overrides even an explicit parent in MLflow's own start_run."""
    with stage_run("roc") as first:
        pass
    monkeypatch.setenv("MLFLOW_RUN_ID", first.id)
    with stage_run("train") as run:
        pass
    assert run.id != first.id
    assert stages(project)[1].data.tags["mlflow.parentRunId"] == parents(project)[0].info.run_id


def test_limits_of_one_request_are_kept(project: Path) -> None:
    """MLflow refuses more than 100 params or 1,000 points at once and cuts values at 6,000 characters."""
    params = {f"p{i}": i for i in range(150)} | {"long": "x" * 7000}
    curve = pd.DataFrame({"loss": np.linspace(1, 0, 2500)}, index=range(1, 2501))
    with stage_run("train", params=params) as run:
        run.log_curves(curve)
    (stage,) = stages(project)
    assert len(stage.data.params) == 151
    assert len(stage.data.params["long"]) == 6000
    points = client(project).get_metric_history(stage.info.run_id, "loss")
    assert [(point.step, point.value) for point in sorted(points, key=lambda p: p.step)] == list(curve.loss.items())


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_metric_that_is_no_number_is_refused(project: Path, value: float) -> None:
    """MLflow shows an infinite metric as 1.8e308 and NaN as a result like others."""
    with pytest.raises(InputError, match=r"real\.eer is (nan|inf)"), stage_run("roc") as run:
        run.log_metrics({"fine": 1.0, "real.eer": value})
    assert "fine" not in stages(project)[0].data.metrics


def test_curve_skips_what_was_not_measured(project: Path) -> None:
    """A validation every second epoch is NaN in between; infinity is a diverged training."""
    history = pd.DataFrame({"loss": [3.0, 2.0], "val_loss": [np.nan, 4.0]}, index=[1, 2])
    with stage_run("train") as run:
        run.log_curves(history)
        assert [p.step for p in client(project).get_metric_history(run.id, "val_loss")] == [2]
        with pytest.raises(InputError, match="loss is infinite at step 2"):
            run.log_curves(history.replace(2.0, np.inf))


def test_files_lie_under_stage_and_parent(project: Path) -> None:
    """The parent is where the tables of both modalities are compared."""
    (project / "table3.csv").write_text("alpha,eer\n0.2,0.03\n")
    with stage_run("distances", modality="digits") as run:
        run.log_files("table3.csv", project / "params.yaml")
        with pytest.raises(InputError, match=r"missing\.png"):
            run.log_files("missing.png")
    assert artifacts(stages(project)[0]) == {"table3.csv", "params.yaml"}
    assert artifacts(parents(project)[0]) == {"params.yaml", "digits/table3.csv", "digits/params.yaml"}


def test_digest_covers_every_pixel_and_label(project: Path) -> None:
    """MLflow's own digest stops after 10,000 numbers, which is twelve digits."""
    images, labels = np.zeros((20, 28, 28, 1), np.uint8), np.zeros(20, np.int64)
    other_images, other_labels = images.copy(), labels.copy()
    other_images[-1, -1, -1] = other_labels[-1] = 1
    digests = []
    for pair in ((images, labels), (other_images, labels), (images, other_labels), (images.copy(), labels.copy())):
        with stage_run("split") as run:
            run.log_images(*pair, name="mnist5k", split="train")
        (logged,) = stages(project)[0].inputs.dataset_inputs
        assert (logged.dataset.name, logged.tags[0].value) == ("mnist5k", "train")
        digests.append(logged.dataset.digest)
    assert len(set(digests)) == 3
    assert digests[3] == digests[0]


def test_model_is_registered_and_predicts(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else's process loads it by name and gets the same numbers."""
    keras = pytest.importorskip("keras")
    import mlflow

    monkeypatch.setenv("DVC_EXP_NAME", "v1")  # reserved as an alias by MLflow
    model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(2, 3), keras.layers.Activation("sigmoid")])
    images = np.random.default_rng(7).random((3, 8, 8, 1), np.float32)
    uris = []
    for _ in range(2):
        with stage_run("train_generator", modality="digits", params={"seed": 7}) as run:
            uris.append(run.log_model(model, name="digits-generator", example=images))
    assert uris == ["models:/digits-generator/1", "models:/digits-generator/2"]
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{project / tracking.DATABASE}")
    for uri in (uris[0], "models:/digits-generator@experiment-v1"):
        loaded = mlflow.pyfunc.load_model(uri)
        np.testing.assert_array_equal(loaded.predict(images), model.predict(images, verbose=0))
    assert loaded.metadata.signature.inputs.inputs[0].shape == (-1, 8, 8, 1)
    (requirements, *_) = (project / tracking.ARTIFACTS / "models").rglob("requirements.txt")
    assert f"keras=={keras.__version__}" in requirements.read_text().splitlines()
    (other,) = {"jax", "tensorflow"} - {keras.backend.backend()}
    assert other not in requirements.read_text()  # only the backend it was made with


def test_other_sqlite_store_is_honoured(bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """MLFLOW_TRACKING_URI wins over the project's own store."""
    elsewhere = tmp_path / "elsewhere"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{elsewhere / tracking.DATABASE}")
    with stage_run("roc"):
        pass
    assert [run.info.run_name for run in stages(elsewhere)] == ["roc"]
    assert not (bare / tracking.DATABASE).exists()


def test_unreachable_server_is_one_sentence_without_long_waits(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """MLflow's defaults retry for minutes; and a password in the URI must not reach the log."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://me:secret@127.0.0.1:{unused.getsockname()[1]}")
        waits: list[float] = []
        monkeypatch.setattr(time, "sleep", waits.append)
        for clock in (time.time, time.monotonic):
            monkeypatch.setattr(time, clock.__name__, lambda now=clock: now() + sum(waits))
        with pytest.raises(InputError, match=r"^MLflow store http://127.0.0.1:\d+ cannot be used: ") as raised:
            tracking.initialise()
    assert sum(waits) < 15
    assert "secret" not in raised.value.message
    assert "\n" not in raised.value.message


def test_file_that_is_no_database_is_one_sentence(bare: Path) -> None:
    """The sentence carries SQLite's reason, not the paragraph around it."""
    (bare / tracking.DATABASE).write_text("not a database, " * 100)
    with pytest.raises(InputError, match=r"cannot be used: file is not a database$"):
        tracking.initialise()


@pytest.mark.parametrize("also", ["", "DROP TABLE jobs"])
def test_store_of_a_newer_mlflow_is_one_sentence(project: Path, also: str) -> None:
    """Whether it has all tables that this MLflow knows decides which library complains, of other things."""
    change_store(project, f"UPDATE alembic_version SET version_num = 'ffffffffffff'; {also}")
    with pytest.raises(InputError) as raised:
        tracking.initialise()
    assert raised.value.message == (
        f"{project / tracking.DATABASE}: MLflow {importlib.metadata.version('mlflow')} does not know version "
        "ffffffffffff of this file; move it away, or install the MLflow that wrote it"
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("UPDATE alembic_version SET version_num = '7ac759974ad8'", "mlflow db upgrade"),  # of MLflow 1: known
        ("DELETE FROM alembic_version", "found version None"),
        ("DROP TABLE alembic_version", "no such table: alembic_version"),
    ],
)
def test_store_of_an_older_or_no_version_is_one_sentence(project: Path, change: str, reason: str) -> None:
    change_store(project, change)
    with pytest.raises(InputError, match=f"^MLflow store sqlite:.* cannot be used: .*{reason}"):
        tracking.initialise()


def test_cut_store_is_one_sentence(project: Path) -> None:
    content = (project / tracking.DATABASE).read_bytes()
    (project / tracking.DATABASE).write_bytes(content[: len(content) // 2])
    with pytest.raises(InputError, match=r"cannot be used: database disk image is malformed$"):
        tracking.initialise()


def test_store_that_cannot_be_opened_is_one_sentence_at_once(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """MLflow tries again for 100 s; a folder in the file's place stands for a file without permission."""
    (bare / tracking.DATABASE).mkdir()
    monkeypatch.setattr(time, "sleep", lambda seconds: pytest.fail(f"waits {seconds} s to try again"))
    with pytest.raises(InputError, match="unable to open database file"):
        tracking.initialise()


def test_moved_project_does_not_write_into_the_old_folder(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The experiment's artifact location is absolute: a copy would fill the original's folder."""
    copy = project.with_name("copy")
    shutil.copytree(project, copy)
    monkeypatch.chdir(copy)
    with pytest.raises(InputError, match="belongs to another folder"), stage_run("roc"):
        pass
    assert runs(project) == []


def test_full_disk_is_one_sentence(project: Path) -> None:
    """A file size limit stands for the disk; the stage fails with the reason, not with a stack of SQLAlchemy."""
    code = """
import resource
from masquerade.errors import InputError
try:
    with stage_run('roc') as run:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        run.log_metrics({'eer': 0.5})
except InputError as error:
    print('InputError:', error.message)
"""
    with script(project, code) as process:
        (line,) = process.communicate()[0].splitlines()
    assert re.fullmatch(r"InputError: MLflow store sqlite:///\S.* cannot be used: .*disk.*", line)


def test_deleted_experiment_comes_back(project: Path) -> None:
    """One click in the UI must not stop every later `dvc repro`."""
    store = client(project)
    store.delete_experiment(store.get_experiment_by_name("masquerade").experiment_id)
    with stage_run("roc"):
        pass
    assert [run.info.status for run in stages(project)] == ["FINISHED"]
