"""Another kind of generator is a folder in masquerade/generators and a block in params.yaml, and nothing else."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from repository import ROOT, run_stages
from ruamel.yaml import YAML

from masquerade.data.image_set import ImageSet
from masquerade.evaluation.templates import Templates
from masquerade.json_file import read_json

TRAINED = ("train_generator", "distort")
EVALUATED = ("distances", "pca", "roc", "folds", "confusion", "gallery", "recognisability", "adaptive_judge")
COMMANDS = [
    *(f"python stages/{stage}.py --modality digits --generator negative" for stage in TRAINED),
    *(f"python stages/{stage}.py --modality digits" for stage in (*EVALUATED, "failure_signs", "contents")),
    "python stages/report.py",
]


@pytest.fixture(scope="module")
def project(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The finished project's digits with a third generator, after all stages that it concerns."""
    root = tmp_path_factory.mktemp("kind") / "project"
    shutil.copytree(finished, root, ignore=shutil.ignore_patterns("mlflow.db*", "mlartifacts"))
    for folder in ("masquerade", "stages"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(Path(__file__).parent / "negative", root / "masquerade/generators/negative")

    yaml = YAML()
    params = yaml.load(root / "params.yaml")
    params["modalities"] = ["digits"]
    del params["faces"]
    params["generators"].append("negative")
    params["digits"]["negative"] = {"white": 1.0}
    params["digits"]["refinement"]["negative"] = 0
    yaml.dump(params, root / "params.yaml")

    run_stages(root, COMMANDS)
    return root


def test_its_templates_are_what_it_draws(project: Path) -> None:
    test = ImageSet.load(project / "data/digits/test.npz")

    np.testing.assert_array_equal(
        Templates.load(project / "data/digits/templates/negative.npz").images, 255 - test.images
    )


def test_every_table_has_its_rows(project: Path) -> None:
    reports = project / "reports/digits"
    for table in ("table3", "roc", "folds", "table4", "recognisability", "methods", "adaptive", "displacements"):
        assert "negative" in set(pd.read_csv(reports / f"{table}.csv")["generator"]), table
    assert "negative" in set(pd.read_csv(reports / "table5.csv")["run"])
    for metrics in ("verification", "recognisability", "pca"):
        assert "negative" in read_json(reports / f"{metrics}.json"), metrics


def test_judges_read_the_negative_of_a_negative_as_the_image_itself(project: Path) -> None:
    table = pd.read_csv(project / "reports/digits/recognisability.csv").set_index(["generator", "view", "judge"])

    for judge in ("cnn", "hog"):
        mine, real = (table.xs((*key, judge)) for key in (("negative", "negative"), ("real", "plain")))
        assert mine["rank_1"] == real["rank_1"]
        assert mine["eer"] == pytest.approx(real["eer"], abs=1e-6)


def test_report_shows_it(project: Path) -> None:
    page = (project / "reports/report.md").read_text(encoding="utf-8")

    assert "Negative" in page
    assert "training/negative.png" in page
    assert "Dark for light." in (project / "reports/cards/digits-negative.md").read_text(encoding="utf-8")
