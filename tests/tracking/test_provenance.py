"""A run says what ran and who started it."""

import subprocess
import sys
from pathlib import Path

import pytest
from mlflow_runs import PARAMS_DIGEST, parents, stages

from masquerade.tracking import stage_run


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


@pytest.mark.parametrize(
    ("environment", "source"),
    [
        ({}, "stages/roc.py"),
        ({"DVC_STAGE": "roc"}, "dvc repro"),
        ({"DVC_STAGE": "roc", "DVC_EXP_NAME": "it's"}, "dvc exp run: it's"),
    ],
)
def test_parent_says_how_it_was_started(
    project: Path, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], source: str
) -> None:
    """A stage's own source is its script."""
    monkeypatch.setattr(sys, "argv", ["stages/roc.py", "--modality", "digits"])
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with stage_run("roc"):
        pass
    assert parents(project)[0].data.tags["mlflow.source.name"] == source
    assert stages(project)[0].data.tags["mlflow.source.name"] == "stages/roc.py"
