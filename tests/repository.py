"""A clone of the repository, and programs that run in it as in a fresh shell."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FIRST_ON_PATH = [str(Path(sys.executable).parent)]
GIT = {f"GIT_{who}_{what}": f"test@{who}" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def call(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a program as in a fresh shell with the environment first on PATH."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("DVC_", "MLFLOW_", "GIT_"))}
    path = os.pathsep.join([*FIRST_ON_PATH, os.environ["PATH"]])
    # The package of the clone, not the one that is installed for editing.
    environment = clean | GIT | {"PATH": path, "PYTHONPATH": str(folder), "TF_CPP_MIN_LOG_LEVEL": "2"}
    return subprocess.run(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def succeed(folder: Path, *command: str) -> str:
    done = call(folder, *command)
    assert done.returncode == 0, f"{' '.join(command)} exits with {done.returncode}:\n{done.stdout}"
    return done.stdout


def run_stages(folder: Path, commands: Iterable[str]) -> None:
    """Run commands, ``python stages/…``, one after another in one process."""
    stages = [command.removeprefix("python ") for command in commands]
    variables = (f"DVC_ROOT={folder}", "DVC_EXP_NAME=one-process")
    succeed(folder, "env", *variables, sys.executable, str(ROOT / "tests/one_process.py"), *stages)


def json_of(output: str) -> dict:
    """The JSON on the last line of a program's output."""
    return json.loads(output.strip().splitlines()[-1])


def clone(folder: Path) -> Path:
    """Clone the repository as it is committed."""
    if not (ROOT / ".git").exists():
        pytest.skip("the pipeline needs the repository, not a copy of its files")
    succeed(folder.parent, "git", "clone", "--quiet", str(ROOT), str(folder))
    return folder


def working_copy(folder: Path) -> Path:
    """Clone the repository with what is not committed yet."""
    clone(folder)
    for name in succeed(ROOT, "git", "ls-files", "-mo", "--exclude-standard", "-z").rstrip("\0").split("\0"):
        source, target = ROOT / name, folder / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
        elif name:
            target.unlink(missing_ok=True)
    return folder


def commit(project: Path, message: str) -> None:
    succeed(project, "git", "add", "--all")
    succeed(project, "git", "commit", "--quiet", "--allow-empty", "-m", message)
