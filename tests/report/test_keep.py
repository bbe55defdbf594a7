import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from masquerade.report.keep import main

MODALITIES = "modalities: [digits, faces]\n"


def call(*command: str) -> str:
    identity = ["-c", "user.name=test", "-c", "user.email=test@test"] if command[0] == "git" else []
    command = (command[0], *identity, *command[1:])
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a pipeline of one parameter and a report."""
    monkeypatch.chdir(tmp_path)
    call("git", "init", "--quiet")
    call("dvc", "init", "--quiet")
    Path("params.yaml").write_text("alpha: 0.2\nseed: 7\n" + MODALITIES)
    Path("dvc.yaml").write_text("params: [params.yaml]\n")
    call("git", "add", ".")
    call("git", "commit", "--quiet", "-m", "Parameters")
    for modality in ("digits", "faces"):
        folder = tmp_path / "reports" / modality
        (folder / "cost").mkdir(parents=True)
        (folder / "roc.png").write_bytes(modality.encode())
        (folder / "cost" / "unet.json").write_text("{}")
        (folder / "cost" / ".gitignore").write_text("/unet.json\n")
    (tmp_path / "reports" / "cards").mkdir()
    (tmp_path / "reports" / "cards" / "digits-unet.md").write_text("[report](../report.md)\n")
    (tmp_path / "reports" / "report.md").write_text("# Report\n\n[errata](../docs/errata.md) ![](digits/roc.png)\n")
    return tmp_path


def test_the_copy_says_how_it_was_made_and_its_links_work(project: Path) -> None:
    Path("params.yaml").write_text("alpha: 0.4\nseed: 7\n" + MODALITIES)

    done = CliRunner().invoke(main, ["kept"])

    assert done.exit_code == 0, done.output
    kept = project / "reports" / "kept"
    page = (kept / "report.md").read_text()
    assert page.startswith(f"# Report\n\nMade from commit `{call('git', 'rev-parse', 'HEAD')}`.")
    (change,) = (line for line in page.splitlines() if line.startswith("| params.yaml"))
    assert [cell.strip() for cell in change.strip("|").split("|")] == ["params.yaml", "alpha", "0.2", "0.4"]
    assert "[errata](../../docs/errata.md) ![](digits/roc.png)" in page
    assert (kept / "digits" / "roc.png").read_bytes() == b"digits"
    assert (kept / "params.yaml").read_text() == "alpha: 0.4\nseed: 7\n" + MODALITIES


def test_values_of_parameters_stand_literally_in_the_copy(project: Path) -> None:
    Path("params.yaml").write_text('alpha: "<img src=q>|"\n' + MODALITIES)

    CliRunner().invoke(main, ["kept"])

    lines = (project / "reports" / "kept" / "report.md").read_text().splitlines()
    changes = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| params.")]
    assert changes == [
        ["params.yaml", "alpha", "0.2", "&#60;img src=q&#62;&#124;"],
        ["params.yaml", "seed", "7", "-"],
    ]


def test_git_ignores_nothing_of_the_copy_and_a_second_copy_replaces_it(project: Path) -> None:
    CliRunner().invoke(main, ["kept"])
    (project / "reports" / "faces" / "roc.png").write_bytes(b"new")

    assert CliRunner().invoke(main, ["kept"]).exit_code == 0

    untracked = call("git", "ls-files", "--others", "--exclude-standard", "reports/kept").splitlines()
    names = {"cards/digits-unet.md", "digits/roc.png", "digits/cost/unet.json", "faces/roc.png", "faces/cost/unet.json"}
    assert set(untracked) == {f"reports/kept/{name}" for name in (*names, "params.yaml", "report.md")}
    assert (project / "reports" / "kept" / "faces" / "roc.png").read_bytes() == b"new"
    page = (project / "reports" / "kept" / "report.md").read_text()
    assert page.startswith("# Report\n\nMade from commit")
    assert "| params.yaml" not in page


def test_without_a_report_nothing_is_kept(project: Path) -> None:
    (project / "reports" / "report.md").unlink()

    done = CliRunner().invoke(main, ["kept"])

    assert (done.exit_code, done.output) == (1, "Error: reports/report.md: missing; dvc repro makes it\n")
    assert not (project / "reports" / "kept").exists()


def test_outside_a_repository_the_reason_is_gits(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", str(project / "nowhere"))

    done = CliRunner().invoke(main, ["kept"])

    assert done.exit_code == 1
    assert done.output.startswith("Error: git rev-parse HEAD: ")
    assert not (project / "reports" / "kept").exists()
