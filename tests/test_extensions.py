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
from repository import ROOT, run_stages, working_copy
from ruamel.yaml import YAML

from masquerade.data.image_set import ImageSet
from masquerade.evaluation.templates import Templates
from masquerade.json_file import read_json
from masquerade.params import load_params
from masquerade.report.cards import render_cards
from masquerade.report.datasets import load_datasets
from masquerade.report.render import render_html, render_markdown
from masquerade.report.results import read_results
from masquerade.report.targets import load_targets

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def project(tiny_params: str, finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone with another kind of generator and another modality, a folder of images whose embedder is trained here.

    The stages of the new modality have run with all kinds, and the report of it. Then params.yaml has all modalities
    and the kinds that the others have, whose results lie beside those of the new one.
    """
    from dvc.repo import Repo
    from dvc.repo.reproduce import plan_repro

    root = working_copy(tmp_path_factory.mktemp("extensions") / "masquerade")
    shutil.copytree(ROOT / "tests/generators/negative", root / "masquerade/generators/negative")
    yaml = YAML()
    params = yaml.load(tiny_params)
    letters = deepcopy(params["digits"]) | {"image_size": 16, "refinement": dict.fromkeys(params["generators"], 0)}
    of_kinds = deepcopy(params | {"modalities": ["letters"], "letters": letters | {"negative": {"white": 1.0}}})
    of_kinds["letters"]["refinement"]["negative"] = 0
    for section in ("generators", "trained"):
        of_kinds[section].append("negative")
    del of_kinds["digits"], of_kinds["faces"]
    of_kinds["alpha_sweep"]["modalities"] = []
    yaml.dump(of_kinds, root / "params.yaml")

    with chdir(root), Repo() as repository:
        commands = [stage.cmd for stage in plan_repro(repository.index.graph)]
    run_stages(root, commands)

    yaml.dump(params | {"modalities": ["digits", "faces", "letters"], "letters": letters}, root / "params.yaml")
    for modality in ("digits", "faces"):
        shutil.copytree(finished / "reports" / modality, root / "reports" / modality, dirs_exist_ok=True)
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
    page = (project / "reports/report.md").read_text(encoding="utf-8")

    assert "Negative" in page
    assert "training/negative.png" in page
    assert "Dark for light." in (project / "reports/cards/letters-negative.md").read_text(encoding="utf-8")


def test_report_shows_the_modality_beside_the_others(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    params, targets = load_params(), load_targets()
    shown = [read_results(modality, params, targets) for modality in params.modalities]
    page, table = (render_markdown(f"{name}.md.jinja", shown, "", targets) for name in ("report", "results"))
    html = render_html(page, Path("reports"))
    eer = read_json(Path("reports/letters/verification.json"))["real_real"]["eer"]

    assert [page.count(f"]({modality}/roc.png)") for modality in ("digits", "faces", "letters")] == [1, 1, 1]
    assert [html.count(f'alt="ROC of {modality}"') for modality in ("digits", "faces", "letters")] == [1, 1, 1]
    assert f"| letters: EER; {100 * eer:.2f} % without distortion |" in table
    assert [table.count(f"| {modality}: ") for modality in ("digits", "faces", "letters")] == [5, 5, 5]
    assert table.splitlines()[0].split("|")[2:-1] == [" unet ", " veiled ", " keyed "]
    assert "digits / faces / letters" in table
    assert "letters-keyed.md" in {*render_cards(shown, params, load_datasets())}
