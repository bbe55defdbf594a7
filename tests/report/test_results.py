import json
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from masquerade import paper
from masquerade.errors import InputError
from masquerade.params import Params
from masquerade.report.results import Results, read_results, table6

TABLES = {
    "class_counts.csv": "class,train,test\na,8,2\n",
    "table3.csv": "class,real_gen_mse\na,0.5\n",
    "table4.csv": "protocol,arm,f1\npaper,real_real,0.9\n",
    "table5.csv": "run,mse,gamma_r2\nthis pipeline's generator,0.5,0.1\nblank,0.6,0.2\n",
    "displacements.csv": "class,ratio\na,0.1\n",
}
NUMBERS = {
    "embedder.json": {"eer": 0.02},
    "distortion.json": {"within_alpha": 0.95},
    "verification.json": {
        "real_real": {"eer": 0.02, "eer_ci": [0.01, 0.03]},
        "real_template": {"eer": 0.025, "eer_ci": [0.0149, 0.0351]},
        "delta_eer": 0.005,
    },
    "pca.json": {"explained_1": 0.5},
    "seconds/roc.json": {"seconds": 2.5},
}


@pytest.fixture
def reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "reports" / "digits"
    (folder / "seconds").mkdir(parents=True)
    for file, text in TABLES.items():
        (folder / file).write_text(text)
    for file, content in NUMBERS.items():
        (folder / file).write_text(json.dumps(content))
    return folder


@pytest.fixture
def results(reports: Path, params: Params) -> Results:
    return read_results("digits", params)


def test_every_table_is_read(results: Results) -> None:
    assert results.classes.loc["a"].tolist() == [8, 2]
    assert results.table4.loc[("paper", "real_real"), "f1"] == 0.9
    assert results.signs["gamma_r2"] == 0.1  # this pipeline's own row, not a provoked one
    assert results.seconds == {"roc": 2.5}


@pytest.mark.parametrize("file", [*TABLES, *(file for file in NUMBERS if "seconds" not in file)])
def test_missing_file_is_named(file: str, reports: Path, params: Params) -> None:
    (reports / file).unlink()

    with pytest.raises(InputError, match=f"reports/digits/{file}"):
        read_results("digits", params)


def test_table6_has_the_papers_rows_and_then_ours(results: Results) -> None:
    table = table6([results])

    pd.testing.assert_frame_equal(table.iloc[: len(paper.TABLE_6)], paper.TABLE_6)
    assert table.iloc[len(paper.TABLE_6) :].to_numpy().tolist() == [
        ["This project, real – real", "Digits, mnist5k, embedder triplet", "2.00 [1.00, 3.00]"],
        ["This project, real – template", "Digits, mnist5k, embedder triplet", "2.50 [1.49, 3.51]"],
    ]


def with_numbers(results: Results, eer: float, delta: float, within: float) -> Results:
    return Results(
        **vars(results)
        | {
            "verification": {"real_template": {"eer": eer}, "delta_eer": delta},
            "distortion": {"within_alpha": within},
        }
    )


@pytest.mark.parametrize(
    ("numbers", "met"),
    [
        ((0.06, 0.005, 0.9), [True, True, True]),
        ((0.0601, 0.0, 1.0), [False, True, True]),
        ((0.0, 0.0051, 1.0), [True, False, True]),
        ((0.0, -0.01, 0.899), [True, True, False]),
    ],
)
def test_bars_are_met_at_their_own_value_and_missed_beyond(results: Results, numbers: tuple, met: list) -> None:
    bars = with_numbers(results, *numbers).bars

    assert [bar[3] for bar in bars] == met
    assert [bar[1] for bar in bars] == ["≤ 6.0%", "≤ 0.5 points", "≥ 90%"]


def test_other_data_have_no_bars(results: Results) -> None:
    """The bars are set for the default data sets."""
    other = SimpleNamespace(dataset="mnist")

    assert Results(**vars(results) | {"params": other}).bars == []
