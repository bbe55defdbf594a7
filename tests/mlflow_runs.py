"""What a test reads from MLflow's store in a project, and the stages it starts there."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import url2pathname

from repository import ROOT

from masquerade.tracking.store import DATABASE

if TYPE_CHECKING:
    from mlflow.entities import Run
    from mlflow.tracking import MlflowClient

PARAMS = "seed: 7\ngenerator:\n  alpha: 0.2\n"
PARAMS_DIGEST = "873a5a8"  # sha256 of PARAMS


def client(root: Path) -> "MlflowClient":
    from mlflow.tracking import MlflowClient

    return MlflowClient(f"sqlite:///{root / DATABASE}")


def runs(root: Path, query: str = "", view: int = 1) -> "list[Run]":
    """The runs in the store, oldest first; view 1 is the living, 3 all."""
    ids = [client(root).get_experiment_by_name("masquerade").experiment_id]
    return client(root).search_runs(ids, query, run_view_type=view, order_by=["start_time"])


def parents(root: Path) -> "list[Run]":
    return [run for run in runs(root) if "mlflow.parentRunId" not in run.data.tags]


def stages(root: Path) -> "list[Run]":
    return [run for run in runs(root) if "mlflow.parentRunId" in run.data.tags]


def nested(root: Path) -> "dict[str, tuple[Run, dict[str, Run]]]":
    """Parent runs by name, each with its stage runs by name."""
    children: dict[str, dict[str, Run]] = {}
    for run in runs(root):
        children.setdefault(run.data.tags.get("mlflow.parentRunId", ""), {})[run.info.run_name] = run
    return {name: (run, children.get(run.info.run_id, {})) for name, run in children[""].items()}


def local(uri: str) -> Path:
    return Path(url2pathname(uri.removeprefix("file://")))


def artifacts(run: "Run") -> set[str]:
    folder = local(run.info.artifact_uri)
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def curve(root: Path, run_id: str, name: str) -> list[tuple[int, float]]:
    """The points (step, value) of a metric, each that is stored."""
    points = client(root).get_metric_history(run_id, name)
    return sorted((point.step, point.value) for point in points)


def change_store(root: Path, statements: str) -> None:
    with sqlite3.connect(root / DATABASE) as connection:
        connection.executescript(statements)
    connection.close()


def script(root: Path, code: str, **environment: str) -> subprocess.Popen:
    """A stage in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", "from masquerade.tracking import stage_run\n" + code],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
