"""Projects that have a store, or none yet."""

import os
import shutil
import sqlite3
from pathlib import Path

import pytest
from mlflow_runs import PARAMS

from masquerade.tracking import initialise
from masquerade.tracking.store import ARTIFACTS, DATABASE


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store without runs, made once: MLflow takes a second to make one."""
    root = tmp_path_factory.mktemp("store")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DVC_ROOT", str(root))
        patch.setenv("MLFLOW_TRACKING_URI", "")
        initialise()
    return root / DATABASE


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
    shutil.copy(empty_store, bare / DATABASE)
    with sqlite3.connect(bare / DATABASE) as connection:
        place = (bare / ARTIFACTS).as_uri()
        connection.execute("UPDATE experiments SET artifact_location = ? WHERE name = 'masquerade'", [place])
    connection.close()
    return bare
