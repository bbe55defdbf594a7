"""Two clones that log to one MLflow server with a PostgreSQL behind it, and nothing else in common."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from mlflow_runs import PARAMS, script
from postgres import Server
from repository import ROOT

from masquerade.tracking import stage_run
from masquerade.tracking.store import TURN, opened, storing

pytestmark = pytest.mark.slow

STATES = ("one", "two")
NO_JOBS = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}  # of the pages for language models
STAGE = """
import os, sys
from masquerade.tracking import store
store._load()
print("ready", flush=True)
sys.stdin.readline()
for name in sys.argv[1:]:
    os.environ["DVC_EXP_NAME"] = name
    with stage_run("roc", modality=os.path.basename(os.getcwd())):
        pass
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """Address of an MLflow server."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    database = Server(folder / "server")
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    stores = ["--backend-store-uri", database.url, "--artifacts-destination", str(tmp_path / "artifacts")]
    environment = os.environ | {"MLFLOW_TRACKING_URI": "", "MLFLOW_DISABLE_TELEMETRY": "true"} | NO_JOBS
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen([*command, *stores], cwd=tmp_path, env=environment, stdout=log, stderr=log)
    try:
        address = f"http://127.0.0.1:{port}"
        for _ in range(600):
            assert process.poll() is None, (tmp_path / "log").read_text()
            try:
                urlopen(f"{address}/health", timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait()
        database.stop()
        shutil.rmtree(folder)


def clone(folder: Path, server: str) -> subprocess.Popen:
    folder.mkdir()
    (folder / "params.yaml").write_text(PARAMS)
    return subprocess.Popen(
        [sys.executable, "-c", "from masquerade.tracking import stage_run\n" + STAGE, *STATES],
        cwd=folder,
        env=os.environ
        | {"PYTHONPATH": str(ROOT), "MLFLOW_TRACKING_URI": server, "GIT_CEILING_DIRECTORIES": str(folder.parent)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_two_clones_create_one_parent_for_each_state(server: str, tmp_path: Path) -> None:
    """They begin at the same time, with an experiment that neither has created."""
    clones = [clone(tmp_path / name, server) for name in ("digits", "faces")]
    for process in clones:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in clones:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    for process in clones:
        output, _ = process.communicate()
        assert (process.returncode, output) == (0, "")

    from mlflow.tracking import MlflowClient

    client = MlflowClient(server)
    found = client.search_runs([client.get_experiment_by_name("masquerade").experiment_id])
    parents = {run.info.run_id: run for run in found if "mlflow.parentRunId" not in run.data.tags}
    stages = sorted(
        (parents[run.data.tags["mlflow.parentRunId"]].info.run_name, run.info.run_name)
        for run in found
        if run.info.run_id not in parents
    )
    assert sorted(run.info.run_name for run in parents.values()) == sorted(STATES)
    assert stages == sorted((state, f"roc@{name}") for state in STATES for name in ("digits", "faces"))
    assert {run.info.status for run in found} == {"FINISHED"}
    assert client.search_registered_models() == []


def test_a_turn_that_was_killed_ends(bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'shared.db'}")
    killed = """
import os
from masquerade.tracking.store import opened, storing, taking_turns
with storing("x"), taking_turns(opened()[0]):
    os._exit(9)
"""
    with script(bare, killed) as process:
        assert process.wait() == 9
    with storing("x"):
        client, _ = opened()
    assert client.get_registered_model(TURN).name == TURN
    monkeypatch.setattr("masquerade.tracking.store.PATIENCE", 0.2)

    with stage_run("roc"):
        pass

    assert client.search_registered_models() == []
