"""A store that cannot be used is one sentence, at once."""

import importlib.metadata
import re
import shutil
import socket
import time
from pathlib import Path

import pytest
from mlflow_runs import change_store, client, runs, script, stages

from masquerade.errors import InputError
from masquerade.tracking import initialise, stage_run
from masquerade.tracking.store import DATABASE

pytestmark = pytest.mark.slow


def test_other_sqlite_store_is_honoured(bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """MLFLOW_TRACKING_URI wins over the project's own store."""
    elsewhere = tmp_path / "elsewhere"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{elsewhere / DATABASE}")
    with stage_run("roc"):
        pass
    assert [run.info.run_name for run in stages(elsewhere)] == ["roc"]
    assert not (bare / DATABASE).exists()


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
            initialise()
    assert sum(waits) < 15
    assert "secret" not in raised.value.message
    assert "\n" not in raised.value.message


def test_file_that_is_no_database_is_one_sentence(bare: Path) -> None:
    """The sentence carries SQLite's reason, not the paragraph around it."""
    (bare / DATABASE).write_text("not a database, " * 100)
    with pytest.raises(InputError, match=r"cannot be used: file is not a database$"):
        initialise()


@pytest.mark.parametrize("also", ["", "DROP TABLE jobs"])
def test_store_of_a_newer_mlflow_is_one_sentence(project: Path, also: str) -> None:
    """Whether it has all tables that this MLflow knows decides which library complains, of other things."""
    change_store(project, f"UPDATE alembic_version SET version_num = 'ffffffffffff'; {also}")
    with pytest.raises(InputError) as raised:
        initialise()
    assert raised.value.message == (
        f"{project / DATABASE}: MLflow {importlib.metadata.version('mlflow')} does not know version "
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
        initialise()


def test_cut_store_is_one_sentence(project: Path) -> None:
    content = (project / DATABASE).read_bytes()
    (project / DATABASE).write_bytes(content[: len(content) // 2])
    with pytest.raises(InputError, match=r"cannot be used: database disk image is malformed$"):
        initialise()


def test_store_that_cannot_be_opened_is_one_sentence_at_once(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """MLflow tries again for 100 s; a folder in the file's place stands for a file without permission."""
    (bare / DATABASE).mkdir()
    monkeypatch.setattr(time, "sleep", lambda seconds: pytest.fail(f"waits {seconds} s to try again"))
    with pytest.raises(InputError, match="unable to open database file"):
        initialise()


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
