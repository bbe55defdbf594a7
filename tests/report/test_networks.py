import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from masquerade.params import load_params
from masquerade.report.networks import main
from masquerade.tables import read_csv

ROOT = Path(__file__).parents[2]
NUMBERS = {
    "cost/unet.json": {"parameters": 1_938_000, "gflop_per_image": 0.5},
    "../timings/digits/training/unet.json": {"images_per_second": 9.5, "minutes": 2.5},
    "training/unet.json": {"multiplier": 24.0},
    "distortion/unet.json": {"mse": 0.6, "dssim": 0.5, "d_emb": 0.1},
    "cost/veiled.json": {"parameters": 93_697, "gflop_per_image": 0.02},
    "cost/keyed.json": {"parameters": 93_697, "gflop_per_image": 0.01},
    "distortion/veiled.json": {"mse": 0.3, "d_emb": 0.02},
    "distortion/keyed.json": {"mse": 0.3, "d_emb": 0.03},
    "verification.json": {
        "unet": {"real_template": {"eer": 0.025}, "delta_eer": 0.005},
        "veiled": {"real_template": {"eer": 0.021}, "delta_eer": 0.001},
        "keyed": {"real_template": {"eer": 0.022}, "delta_eer": 0.002},
    },
    "recognisability.json": {
        "unet": {"rank_1": 0.8, "view": "negative"},
        "veiled": {"rank_1": 0.1, "view": "plain"},
        "keyed": {"rank_1": 0.1, "view": "plain"},
    },
}


@pytest.fixture(autouse=True)
def reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    shutil.copyfile(ROOT / "params.yaml", "params.yaml")
    folder = tmp_path / "reports" / "digits"
    for file, content in NUMBERS.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(json.dumps(content))
    return folder


def invoke(*options: str) -> Result:
    return CliRunner().invoke(main, ["kept/networks.csv", "--modality", "digits", *options])


def add(title: str, *options: str, generator: str = "unet") -> pd.DataFrame:
    done = invoke("--generator", generator, "--title", title, *options)
    assert done.exit_code == 0, done.output
    return pd.read_csv("kept/networks.csv", index_col=0)


def test_a_row_has_the_parameters_the_costs_and_what_they_buy() -> None:
    row = add("paper, α 0.2").loc["digits, unet, paper, α 0.2"]

    alpha = load_params("params.yaml").generator.alpha
    assert row[["side", "alpha", "pi_emb"]].to_numpy().tolist() == [28, alpha, 0.96]  # auto ended with λ 24: 24 / 25
    assert row[["parameters", "minutes", "mse", "d_emb"]].to_numpy().tolist() == [1_938_000, 2.5, 0.6, 0.1]
    assert row[["eer", "eer_over_real_real", "identified"]].to_numpy().tolist() == [0.025, 0.005, 0.8]


def test_each_generator_has_numbers_of_its_own() -> None:
    row = add("ours", generator="veiled").loc["digits, veiled, ours"]

    assert row[["parameters", "mse", "eer", "eer_over_real_real", "identified"]].to_numpy().tolist() == [
        93_697,
        0.3,
        0.021,
        0.001,
        0.1,
    ]
    assert pd.isna(row["pi_emb"])


def test_judge_of_another_run_is_not_taken_for_this_ones() -> None:
    row = add("wide", "--without-judge").loc["digits, unet, wide"]

    assert pd.isna(row["identified"])
    assert row["eer"] == 0.025


def test_rows_are_added_and_one_of_the_same_name_replaced(reports: Path) -> None:
    add("a")
    add("b")
    (reports / "distortion" / "unet.json").write_text(json.dumps({"mse": 0.7, "d_emb": 0.2}))

    table = add("a")

    assert table["mse"].to_dict() == {"digits, unet, b": 0.6, "digits, unet, a": 0.7}
    assert table["parameters"].dtype == int
    markdown = Path("kept/networks.md").read_text().splitlines()
    assert [line.split("|")[1].strip() for line in markdown[2:]] == ["digits, unet, b", "digits, unet, a"]
    assert all("| 1938000 " in line for line in markdown[2:])


def test_missing_number_is_named_and_the_table_stays(reports: Path) -> None:
    before = add("a")
    (reports / "cost" / "unet.json").unlink()

    done = invoke("--generator", "unet", "--title", "b")

    assert done.exit_code == 1
    assert done.output.startswith("Error: reports/digits/cost/unet.json: missing")
    pd.testing.assert_frame_equal(pd.read_csv("kept/networks.csv", index_col=0), before)


def test_any_name_is_replaced_by_itself_and_stands_literally_in_markdown() -> None:
    for name in ("001", "=x|<b>", "=x|<b>", "001"):
        add(name)

    assert Path("kept/networks.csv").read_text().count('unet, 001"') == 1
    assert read_csv(Path("kept/networks.csv")).index.tolist() == ["digits, unet, =x|<b>", "digits, unet, 001"]
    assert "| digits, unet, =x&#124;&#60;b&#62; |" in Path("kept/networks.md").read_text()


def test_every_modality_and_generator_has_a_row_unless_some_are_named(reports: Path) -> None:
    assert invoke().exit_code == 0
    assert read_csv(Path("kept/networks.csv")).index.tolist() == ["digits, unet", "digits, veiled", "digits, keyed"]

    shutil.copytree(reports, reports.parent / "faces")
    done = CliRunner().invoke(main, ["kept/all.csv"])

    assert done.exit_code == 0, done.output
    rows = read_csv(Path("kept/all.csv"))
    assert rows.index.tolist() == [
        f"{name}, {kind}" for name in ("digits", "faces") for kind in ("unet", "veiled", "keyed")
    ]
    assert rows["side"].tolist() == 3 * [28] + 3 * [64]


def test_unknown_modality_is_named() -> None:
    done = CliRunner().invoke(main, ["kept/networks.csv", "--modality", "voices"])

    assert done.exit_code == 1
    assert done.output.startswith("Error: --modality: must be one of digits, faces, got 'voices'")
