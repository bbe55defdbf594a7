"""Another modality is a name and a section in params.yaml, another kind of generator a folder and a section there.

One project has both, and runs its stages in one process.
"""

import shutil
from contextlib import chdir
from copy import deepcopy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from repository import ROOT, run_stages, succeed, working_copy
from ruamel.yaml import YAML

from masquerade.data.image_set import ImageSet
from masquerade.evaluation.templates import Templates
from masquerade.json_file import read_json

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def project(tiny_params: str, finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone with another kind of generator and another modality, a folder of images whose embedder is trained here.

    The stages of the new modality have run, and the report: of it with all kinds, in the folder ``kinds``, and of all
    modalities with the kinds that the others have, in ``reports``.
    """
    from dvc.repo import Repo
    from dvc.repo.reproduce import plan_repro

    root = working_copy(tmp_path_factory.mktemp("extensions") / "masquerade")
    shutil.copytree(ROOT / "tests/generators/negative", root / "masquerade/generators/negative")
    yaml = YAML()
    params = yaml.load(tiny_params)
    letters = deepcopy(params["digits"]) | {"image_size": 16}
    with_modality = deepcopy(params)
    with_modality["modalities"].append("letters")
    with_modality["letters"] = letters
    with_kind = deepcopy(params) | {
        "modalities": ["letters"],
        "letters": deepcopy(letters) | {"negative": {"white": 1.0}},
    }
    with_kind["letters"]["refinement"]["negative"] = 0
    for section in ("generators", "trained"):
        with_kind[section].append("negative")
    del with_kind["digits"], with_kind["faces"]
    with_kind["alpha_sweep"]["modalities"] = []

    yaml.dump(with_kind, root / "params.yaml")
    with chdir(root), Repo() as repository:
        commands = [stage.cmd for stage in plan_repro(repository.index.graph)]
    run_stages(root, commands)
    shutil.copytree(root / "reports", root / "kinds")

    yaml.dump(with_modality, root / "params.yaml")
    shutil.copytree(finished / "reports", root / "reports", dirs_exist_ok=True)
    succeed(root, "python", "stages/report.py")
    return root


def test_templates_are_what_the_kind_draws(project: Path) -> None:
    test = ImageSet.load(project / "data/letters/test.npz")

    np.testing.assert_array_equal(
        Templates.load(project / "data/letters/templates/negative.npz").images, 255 - test.images
    )


def test_every_table_has_the_kinds_rows(project: Path) -> None:
    reports = project / "reports/letters"
    for table in ("table3", "roc", "folds", "table4", "recognisability", "methods", "adaptive", "displacements"):
        assert "negative" in set(pd.read_csv(reports / f"{table}.csv")["generator"]), table
    assert "negative" in set(pd.read_csv(reports / "table5.csv")["run"])
    for metrics in ("verification", "recognisability", "pca"):
        assert "negative" in read_json(reports / f"{metrics}.json"), metrics


def test_judges_read_the_negative_of_a_negative_as_the_image_itself(project: Path) -> None:
    table = pd.read_csv(project / "reports/letters/recognisability.csv").set_index(["generator", "view", "judge"])

    for judge in ("cnn", "hog"):
        mine, real = (table.xs((*key, judge)) for key in (("negative", "negative"), ("real", "plain")))
        assert mine["rank_1"] == real["rank_1"]
        assert mine["eer"] == pytest.approx(real["eer"], abs=1e-6)


def test_report_shows_the_kind(project: Path) -> None:
    page = (project / "kinds/report.md").read_text(encoding="utf-8")

    assert "Negative" in page
    assert "training/negative.png" in page
    assert "Dark for light." in (project / "kinds/cards/letters-negative.md").read_text(encoding="utf-8")


def test_report_shows_the_modality_beside_the_others(project: Path) -> None:
    page = (project / "reports/report.md").read_text(encoding="utf-8")
    results = (project / "reports/results.md").read_text(encoding="utf-8")
    eer = read_json(project / "reports/letters/verification.json")["real_real"]["eer"]

    assert [page.count(f"]({modality}/roc.png)") for modality in ("digits", "faces", "letters")] == [1, 1, 1]
    assert f"| letters: EER; {100 * eer:.2f} % without distortion |" in results
    assert [results.count(f"| {modality}: ") for modality in ("digits", "faces", "letters")] == [5, 5, 5]
    assert results.splitlines()[0].split("|")[2:-1] == [" unet ", " veiled ", " keyed "]
    assert "digits / faces / letters" in results
    assert (project / "reports/cards/letters-keyed.md").exists()
