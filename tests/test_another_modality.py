"""Another modality is a name and a section in params.yaml, and nothing else."""

from contextlib import chdir
from copy import deepcopy
from pathlib import Path

import pytest
from repository import commit, run_stages, succeed
from ruamel.yaml import YAML

from masquerade.json_file import read_json

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def project(reproduced: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of the tiny project with a third modality, a folder of images with an embedder that is trained here."""
    root = tmp_path_factory.mktemp("modality") / "masquerade"
    origin = reproduced / "masquerade"
    succeed(root.parent, "git", "clone", "--quiet", "--branch", "results", str(origin), str(root))
    succeed(root, "dvc", "config", "--local", "cache.dir", str(origin / ".dvc/cache"))
    succeed(root, "dvc", "checkout", "--quiet")
    yaml = YAML()
    params = yaml.load(root / "params.yaml")
    params["modalities"].append("letters")
    params["letters"] = deepcopy(params["digits"])
    params["letters"]["image_size"] = 16
    yaml.dump(params, root / "params.yaml")
    commit(root, "Letters")
    return root


@pytest.fixture(scope="module")
def ran(project: Path) -> set[str]:
    """The stages that DVC would run, after they have run in DVC's order, in one process instead of one each."""
    from dvc.repo import Repo
    from dvc.repo.reproduce import plan_repro

    with chdir(project), Repo() as repository:
        changed = set(repository.status())
        commands = {stage.addressing: stage.cmd for stage in plan_repro(repository.index.graph)}
    run_stages(project, [command for stage, command in commands.items() if stage in changed])
    return changed


def test_its_stages_run_and_no_other(project: Path, ran: set[str]) -> None:
    stages = succeed(project, "dvc", "stage", "list", "--name-only").split()
    its = {stage.replace("letters", "digits") for stage in stages if "@letters" in stage}

    assert its == {stage for stage in stages if "@digits" in stage and not stage.startswith("alpha_")}
    assert ran == {stage for stage in stages if "@letters" in stage or stage.startswith("outside") or stage == "report"}


def test_report_shows_it_beside_the_others(project: Path, ran: set[str]) -> None:
    page = (project / "reports/report.md").read_text(encoding="utf-8")
    results = (project / "reports/results.md").read_text(encoding="utf-8")
    eer = read_json(project / "reports/letters/verification.json")["real_real"]["eer"]

    assert "](letters/roc.png)" in page
    assert f"| letters: EER; {100 * eer:.2f} % without distortion |" in results
    assert results.count("| letters: ") == results.count("| digits: ") == 4
