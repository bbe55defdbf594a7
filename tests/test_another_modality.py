"""Another modality is a name and a section in params.yaml, and nothing else."""

import shutil
from copy import deepcopy
from pathlib import Path

import pytest
from repository import commit, succeed
from ruamel.yaml import YAML

from masquerade.tables import read_json

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def project(reproduced: Path, warm_python: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tiny project with a third modality, a folder of images with an embedder that is trained here."""
    root = tmp_path_factory.mktemp("modality") / "masquerade"
    ignored = shutil.ignore_patterns("mlflow.db*", "mlartifacts")  # a store belongs to its folder
    shutil.copytree(reproduced / "masquerade", root, symlinks=True, ignore=ignored)
    succeed(root, "git", "reset", "--quiet", "--hard")
    yaml = YAML()
    params = yaml.load(root / "params.yaml")
    params["modalities"].append("letters")
    params["letters"] = deepcopy(params["digits"])
    params["letters"]["image_size"] = 16
    yaml.dump(params, root / "params.yaml")
    commit(root, "Letters")
    return root


@pytest.fixture(scope="module")
def output(project: Path) -> str:
    return succeed(project, "dvc", "repro")


def test_its_stages_run_and_no_other(project: Path, output: str) -> None:
    stages = succeed(project, "dvc", "stage", "list", "--name-only").split()
    its = {stage.replace("letters", "digits") for stage in stages if "@letters" in stage}

    assert its == {stage for stage in stages if "@digits" in stage and not stage.startswith("alpha_")}
    for stage in stages:
        runs = "@letters" in stage or stage.startswith("outside") or stage == "report"
        assert (f"Running stage '{stage}'" in output) == runs, stage


def test_report_shows_it_beside_the_others(project: Path, output: str) -> None:
    page = (project / "reports/report.md").read_text(encoding="utf-8")
    results = (project / "reports/results.md").read_text(encoding="utf-8")
    eer = read_json(project / "reports/letters/verification.json")["real_real"]["eer"]

    assert "](letters/roc.png)" in page
    assert f"| letters: EER; {100 * eer:.2f} % without distortion |" in results
    assert results.count("| letters: ") == results.count("| digits: ") == 4
