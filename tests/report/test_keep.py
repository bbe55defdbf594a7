import shutil
import subprocess
from contextlib import chdir
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from masquerade.report.keep import FIGURES, TABLE, main, without_missing

pytestmark = pytest.mark.slow

MODALITIES = "modalities: [digits, faces]\n"


def call(*command: str) -> str:
    identity = ["-c", "user.name=test", "-c", "user.email=test@test"] if command[0] == "git" else []
    command = (command[0], *identity, *command[1:])
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def draw(path: Path, colour: str) -> None:
    Image.new("RGBA", (20, 10), colour).save(path)


def colour_of(path: Path) -> object:
    with Image.open(path) as image:
        return image.convert("RGB").getpixel((0, 0))


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a pipeline of one parameter and a report."""
    project = tmp_path_factory.mktemp("committed")
    with chdir(project):
        make_repository()
    return project


def make_repository() -> None:
    call("git", "init", "--quiet")
    call("dvc", "init", "--quiet")
    Path("params.yaml").write_text("alpha: 0.2\nseed: 7\n" + MODALITIES)
    Path("dvc.yaml").write_text("params: [params.yaml]\n")
    call("git", "add", ".")
    call("git", "commit", "--quiet", "-m", "Parameters")
    for modality in ("digits", "faces"):
        folder = Path("reports", modality)
        (folder / "cost").mkdir(parents=True)
        draw(folder / "roc.png", "red")
        draw(folder / "views.png", "red")
        (folder / "cost" / "unet.json").write_text("{}")
        (folder / "cost" / ".gitignore").write_text("/unet.json\n")
    Path("reports/cards").mkdir()
    Path("reports/cards/digits-unet.md").write_text("[report](../report.md)\n")
    Path("reports/report.md").write_text("# Report\n\n[errata](../docs/errata.md) ![](digits/roc.png)\n")


@pytest.fixture
def project(committed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """That repository, the current folder."""
    project = Path(shutil.copytree(committed, tmp_path / "project"))
    monkeypatch.chdir(project)
    return project


def test_the_copy_says_how_it_was_made_and_its_links_work(project: Path) -> None:
    Path("params.yaml").write_text("alpha: 0.4\nseed: 7\n" + MODALITIES)

    done = CliRunner().invoke(main, ["reports/kept"])

    assert done.exit_code == 0, done.output
    kept = project / "reports" / "kept"
    page = (kept / "report.md").read_text()
    assert page.startswith(f"# Report\n\nMade from commit `{call('git', 'rev-parse', 'HEAD')}`.")
    (change,) = (line for line in page.splitlines() if line.startswith("| params.yaml"))
    assert [cell.strip() for cell in change.strip("|").split("|")] == ["params.yaml", "alpha", "0.2", "0.4"]
    assert "[errata](../../docs/errata.md) ![](digits/roc.png)" in page
    assert colour_of(kept / "digits" / "roc.png") == (255, 0, 0)
    assert (kept / "params.yaml").read_text() == "alpha: 0.4\nseed: 7\n" + MODALITIES


def test_values_of_parameters_stand_literally_in_the_copy(project: Path) -> None:
    Path("params.yaml").write_text('alpha: "<img src=q>|"\n' + MODALITIES)

    CliRunner().invoke(main, ["reports/kept"])

    lines = (project / "reports" / "kept" / "report.md").read_text().splitlines()
    changes = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| params.")]
    assert changes == [
        ["params.yaml", "alpha", "0.2", "&#60;img src=q&#62;&#124;"],
        ["params.yaml", "seed", "7", "-"],
    ]


def test_git_ignores_nothing_of_the_copy_and_a_second_copy_replaces_it(project: Path) -> None:
    CliRunner().invoke(main, ["reports/kept"])
    draw(project / "reports" / "faces" / "roc.png", "lime")
    (project / "reports" / "kept" / "faces" / "gone.csv").write_text("a\n1\n")

    assert CliRunner().invoke(main, ["reports/kept"]).exit_code == 0

    untracked = call("git", "ls-files", "--others", "--exclude-standard", "reports/kept").splitlines()
    names = {"cards/digits-unet.md", "digits/roc.png", "digits/cost/unet.json", "faces/roc.png", "faces/cost/unet.json"}
    assert set(untracked) == {f"reports/kept/{name}" for name in (*names, "params.yaml", "report.md")}
    assert colour_of(project / "reports" / "kept" / "faces" / "roc.png") == (0, 255, 0)
    page = (project / "reports" / "kept" / "report.md").read_text()
    assert page.startswith("# Report\n\nMade from commit")
    assert "| params.yaml" not in page


def test_small_tables_and_the_figures_that_say_most_are_kept(project: Path) -> None:
    folder = project / "reports" / "digits"
    (folder / "table3.csv").write_bytes(b"x" * TABLE)
    (folder / "distances.csv").write_bytes(b"x" * (TABLE + 1))
    (folder / "large.json").write_bytes(b"x" * (TABLE + 1))
    page = "# Report\n\nBefore\n\n![](digits/roc.png) ![](digits/views.png)\n\n![](digits/views.png)\n\nAfter\n"
    (project / "reports" / "report.md").write_text(page)

    assert CliRunner().invoke(main, ["reports/kept"]).exit_code == 0

    kept = project / "reports" / "kept"
    names = {path.relative_to(kept / "digits").as_posix() for path in (kept / "digits").rglob("*") if path.is_file()}
    assert names == {"table3.csv", "large.json", "cost/unet.json", "roc.png"}
    text = (kept / "report.md").read_text()
    assert text.endswith(
        f"Of the figures, {' and '.join(FIGURES)} are kept.\n\nBefore\n\n![](digits/roc.png)\n\nAfter\n"
    )


def test_what_is_no_image_line_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    page = "![A](a.png)\n\n![B](b.png) ![C](c.png)\n\n\nText ![B](b.png)\n\n[link](b.png)\n![B](b.png)\n"

    assert without_missing(page, tmp_path) == "![A](a.png)\n\n\nText ![B](b.png)\n\n[link](b.png)\n"


def test_without_a_report_nothing_is_kept(project: Path) -> None:
    (project / "reports" / "report.md").unlink()

    done = CliRunner().invoke(main, ["reports/kept"])

    assert (done.exit_code, done.output) == (1, "Error: reports/report.md: missing; dvc repro makes it\n")
    assert not (project / "reports" / "kept").exists()


def test_outside_a_repository_the_reason_is_gits(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", str(project / "nowhere"))

    done = CliRunner().invoke(main, ["reports/kept"])

    assert done.exit_code == 1
    assert done.output.startswith("Error: git rev-parse HEAD: ")
    assert not (project / "reports" / "kept").exists()
