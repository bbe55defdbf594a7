import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from repository import ROOT, commit, succeed

PIPELINE = """
stages:
  train:
    cmd: python train.py
    deps: [train.py]
    params: [generator.alpha]
    outs: [trained]
  report:
    cmd: python train.py
    deps: [trained, masquerade]
    outs: [reported]
"""
STAGE = """
import os
from pathlib import Path
import masquerade
name = os.environ["DVC_STAGE"]
Path({"train": "trained", "report": "reported"}[name]).write_text("made")
with open(Path(os.environ["DVC_ROOT"]) / "calls", "a") as calls:
    print(name, Path.cwd().name, masquerade.__file__, file=calls)
"""


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A committed project of two stages that say in the file ``calls`` where they ran and what they import."""
    project = tmp_path_factory.mktemp("committed") / "project"
    (project / "masquerade").mkdir(parents=True)
    (project / "conf").mkdir()
    shutil.copy(ROOT / "params.yaml", project)
    for name, text in {
        "masquerade/__init__.py": "",
        "conf/small.yaml": "generator: {alpha: 0.3}\n",
        "dvc.yaml": PIPELINE,
        "train.py": STAGE,
    }.items():
        (project / name).write_text(text, encoding="utf-8")
    succeed(project, "git", "init", "--quiet")
    succeed(project, "dvc", "init", "--quiet")
    (project / ".dvc" / "config").write_text("[core]\nanalytics = false\ncheck_update = false\n")
    (project / ".git" / "info" / "exclude").write_text("calls\n")
    commit(project, "Project")
    return project


@pytest.fixture
def project(committed: Path, tmp_path: Path) -> Path:
    """That project, without a copy."""
    return Path(shutil.copytree(committed, tmp_path / "project"))


def run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # -P: this package, not the project's empty one
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-P", "-m", "masquerade.preset", *arguments]
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment["PATH"]])
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True)


@dataclass(frozen=True)
class Ran:
    """A run of the preset."""

    project: Path
    error: str
    called: list[str]
    """What the stages say that ran."""
    status: str
    """The project's afterwards, as git prints it."""


@pytest.fixture(scope="module")
def runs(committed: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ran]:
    """Runs in one project, one after another: of one stage, of all, before a change is committed, and afterwards."""
    project = Path(shutil.copytree(committed, tmp_path_factory.mktemp("runs") / "project"))
    found: dict[str, Ran] = {}

    def record(name: str, *arguments: str) -> None:
        done = run(project, "small", "seed=8", *arguments)
        assert done.returncode == 0, done.stderr
        called = (project / "calls").read_text().splitlines()[sum(len(ran.called) for ran in found.values()) :]
        found[name] = Ran(project, done.stderr, called, succeed(project, "git", "status", "--porcelain"))

    record("one stage", "--stage", "train")
    record("all")
    (project / "train.py").write_text(STAGE + "# new\n", encoding="utf-8")
    record("not committed", "--stage", "train")
    commit(project, "New")
    record("committed", "--stage", "train")
    return found


def test_stages_run_in_a_copy_and_the_project_stays_as_it_is(runs: dict[str, Ran]) -> None:
    first = runs["one stage"]

    copy = first.project / ".dvc" / "tmp" / "presets" / "small"
    assert first.called == [f"train small {copy}/masquerade/__init__.py"]
    params = (copy / "params.yaml").read_text(encoding="utf-8").splitlines()
    assert sum(line.startswith(("  alpha: 0.3 ", "seed: 8 ")) for line in params) == 2
    assert first.status == ""
    assert not (first.project / "trained").exists()


def test_a_second_run_repeats_nothing_that_is_done(runs: dict[str, Ran]) -> None:
    assert [call.split()[0] for call in runs["all"].called] == ["report"]


def test_the_copy_follows_the_last_commit_and_says_what_it_does_not_have(runs: dict[str, Ran]) -> None:
    before, after = runs["not committed"], runs["committed"]

    assert before.error.splitlines()[0] == "Not committed, so not in the copy: train.py"
    assert before.called == []
    assert "Not committed" not in after.error
    assert [call.split()[0] for call in after.called] == ["train"]


def test_a_wrong_setting_makes_no_copy(project: Path) -> None:
    done = run(project, "small", "generator.alhpa=0.3")

    assert (done.returncode, done.stderr) == (1, "Error: generator.alhpa=0.3: generator.alhpa: unknown key\n")
    assert not (project / ".dvc" / "tmp" / "presets").exists()


def test_a_copy_lies_in_the_projects_own_folder(project: Path) -> None:
    done = run(project, "seed=8", "--name", "../outside")

    assert done.returncode == 1
    assert done.stderr == "Error: --name: must be letters, digits, dots and hyphens, got '../outside'\n"


def test_a_stage_that_fails_makes_the_command_fail(project: Path) -> None:
    (project / "train.py").write_text("raise SystemExit(3)\n", encoding="utf-8")
    commit(project, "Broken")

    assert run(project, "small").returncode != 0
