"""Stages that run in this process, in an empty project or in a copy of one whose stages have all run."""

import importlib.util
import os
import shutil
import sys
from pathlib import Path

import pytest
from click import Command
from click.testing import CliRunner, Result
from fixture_types import Run

STAGES = Path(__file__).parents[2] / "stages"


@pytest.fixture(scope="session")
def run() -> Run:
    """Run a stage's command in this process: run("roc", "--modality", "digits")."""
    commands: dict[str, Command] = {}

    def invoke(name: str, *arguments: str) -> Result:
        if name not in commands:
            spec = importlib.util.spec_from_file_location(f"stages_{name}", STAGES / f"{name}.py")
            assert spec is not None
            assert spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            commands[name] = module.main
        return CliRunner().invoke(commands[name], arguments, prog_name=f"{name}.py")

    return invoke


def isolate(patch: pytest.MonkeyPatch, root: Path, store: Path) -> None:
    """Work in ``root`` with MLflow's store in ``store``, without the settings of whoever runs the tests."""
    for name in os.environ:
        if name.startswith("DVC_") or name == "MLFLOW_RUN_ID":
            patch.delenv(name)
    patch.setenv("MLFLOW_TRACKING_URI", "")  # MLflow sets it; so it is taken back
    patch.setenv("DVC_ROOT", str(store))
    patch.setenv("GIT_CEILING_DIRECTORIES", str(root))
    patch.setattr(sys, "argv", ["stage.py"])
    patch.chdir(root)


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project without any file, the current folder."""
    isolate(monkeypatch, tmp_path, store=tmp_path)
    return tmp_path


@pytest.fixture
def project(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the finished project to break, the current folder; its runs are an experiment's."""

    def link(source: str, target: str) -> str:
        os.link(source, target)  # every writer of the package replaces files, none writes into one
        return target

    root = tmp_path / "project"
    shutil.copytree(finished, root, copy_function=link, ignore=shutil.ignore_patterns("mlflow.db*", "mlartifacts"))
    isolate(monkeypatch, root, store=finished)
    monkeypatch.setenv("DVC_EXP_NAME", "broken")
    return root


@pytest.fixture
def in_finished(finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The finished project as the current folder, for reading only."""
    monkeypatch.chdir(finished)
