import json
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from masquerade import paper
from masquerade.errors import InputError
from masquerade.params import Params
from masquerade.report.results import Results, generators, read_results, table6

TABLES = {
    "class_counts.csv": "class,train,test\na,8,2\n",
    "table3.csv": "class,real_gen_mse\na,0.5\n",
    "folds.csv": (
        "subset,arm,accuracy,standard_error,folds,genuine,impostor\n"
        "unseen,real_real,,,0,5,0\nall,real_real,0.97,0.01,10,300,300\n"
    ),
    "table4.csv": "protocol,arm,f1\npaper,real_real,0.9\n",
    "table5.csv": "run,mse,gamma_r2\nthis pipeline's unet,0.5,0.3\nthis pipeline's veiled,0.4,0.01\nblank,0.6,0.2\n",
    "displacements.csv": "generator,class,ratio\nunet,a,0.1\nveiled,a,0.2\n",
    "methods.csv": "method,rank_1,view\nreal,0.9,plain\nunet,0.8,negative\nveiled,0.12,edges\n",
    "recognisability.csv": (
        "method,view,judge,rank_1\nreal,plain,cnn,0.99\nreal,plain,hog,0.8\nreal,edges,cnn,0.9\nveiled,plain,cnn,0.1\n"
    ),
    "adaptive.csv": "n,F(X),real,unet,veiled\n8,0.5,0.4,0.3,0.2\n",
}
NUMBERS = {
    "embedder.json": {"eer": 0.02},
    "distortion/unet.json": {"within_alpha": 0.95, "mse": 0.6, "d_emb": 0.1},
    "distortion/veiled.json": {"within_alpha": 0.85, "mse": 0.1, "d_emb": 0.02},
    "cost/unet.json": {"parameters": 1000, "gflop_per_image": 0.5},
    "cost/veiled.json": {"parameters": 2000, "gflop_per_image": 0.7},
    "verification.json": {
        "real_real": {"eer": 0.02, "eer_ci": [0.01, 0.03]},
        "real_template": {"eer": 0.025, "eer_ci": [0.0149, 0.0351]},
        "template_template": {"eer": 0.04, "eer_ci": [0.03, 0.05]},
        "real_veiled": {"eer": 0.022, "eer_ci": [0.0125, 0.0325]},
        "veiled_veiled": {"eer": 0.023, "eer_ci": [0.013, 0.033]},
        "delta_eer": 0.005,
        "delta_eer_ci": [0.001, 0.009],
        "delta_eer_veiled": 0.002,
        "delta_eer_veiled_ci": [-0.001, 0.003],
        "resampled": "9 subjects, 20 times",
    },
    "pca.json": {"unet": {"explained_1": 0.5}, "veiled": {"explained_1": 0.4}},
    "recognisability.json": {
        "chance": 0.1,
        "real": {"rank_1": 0.9, "view": "plain"},
        "unet": {"rank_1": 0.8, "view": "negative"},
        "veiled": {"rank_1": 0.12, "view": "edges"},
    },
    "../timings/digits/roc.json": {"seconds": 2.5},
    "../timings/digits/training/unet.json": {"images_per_second": 9.5, "minutes": 2.5},
    "../timings/digits/training/veiled.json": {"images_per_second": 8.5, "minutes": 1.5},
}


@pytest.fixture
def reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "reports" / "digits"
    for name in ("../timings/digits/training", "distortion", "cost"):
        (folder / name).mkdir(parents=True)
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
    assert results.folds.loc[("all", "real_real"), "genuine"] == 300
    assert results.table4.loc[("paper", "real_real"), "f1"] == 0.9
    assert results.signs("unet")["gamma_r2"] == 0.3  # this pipeline's own row, not a provoked one
    assert results.signs("veiled")["gamma_r2"] == 0.01
    assert results.displacements.loc[("veiled", "a"), "ratio"] == 0.2
    assert results.adaptive.loc[8, "F(X)"] == 0.5
    assert results.seconds == {"roc": 2.5}


@pytest.mark.parametrize("file", [*TABLES, *(file for file in NUMBERS if "timings" not in file)])
def test_missing_file_is_named(file: str, reports: Path, params: Params) -> None:
    (reports / file).unlink()

    with pytest.raises(InputError, match=f"reports/digits/{file}"):
        read_results("digits", params)


def test_table6_has_the_papers_rows_and_then_ours(results: Results) -> None:
    table = table6([results])

    pd.testing.assert_frame_equal(table.iloc[: len(paper.TABLE_6)], paper.TABLE_6)
    assert table.iloc[len(paper.TABLE_6) :].to_numpy().tolist() == [
        ["This project, real – real", "Digits, mnist5k, embedder triplet", "2.00 [1.00, 3.00]"],
        ["This project, real – unet", "Digits, mnist5k, embedder triplet", "2.50 [1.49, 3.51]"],
        ["This project, real – veiled", "Digits, mnist5k, embedder triplet", "2.20 [1.25, 3.25]"],
    ]


def test_arms_and_differences_go_by_generator(results: Results) -> None:
    assert results.kinds == ["unet", "veiled"]
    assert [results.arm(kind) for kind in results.kinds] == ["real_template", "real_veiled"]
    assert results.delta("unet") == (0.005, [0.001, 0.009])
    assert results.delta("veiled") == (0.002, [-0.001, 0.003])
    assert results.arms == {
        "real_real": "real – real",
        "real_template": "real – unet",
        "template_template": "unet – unet",
        "real_veiled": "real – veiled",
        "veiled_veiled": "veiled – veiled",
    }


def test_the_chosen_generator_takes_the_papers_arms(results: Results) -> None:
    swapped = replace(results, distortion=dict(reversed(results.distortion.items())))

    assert [swapped.arm(kind) for kind in swapped.kinds] == ["real_template", "real_unet"]
    assert swapped.delta("veiled") == (0.005, [0.001, 0.009])
    assert list(swapped.arms.values())[1:] == ["real – veiled", "veiled – veiled", "real – unet", "unet – unet"]


@pytest.mark.parametrize(
    ("rank_1", "gamma_r2", "legible"),
    [
        (0.2, 0.25, False),  # twice as often as by chance, and a quarter of the variance: not beyond
        (0.21, 0.0, True),
        (0.0, 0.26, True),
    ],
)
def test_a_template_is_legible_by_its_judges_or_by_its_grey_levels(
    results: Results, rank_1: float, gamma_r2: float, legible: bool
) -> None:
    changed = replace(
        results,
        methods=results.methods.assign(rank_1=rank_1),
        recognisability=results.recognisability | {"veiled": {"rank_1": rank_1}},
        table5=results.table5.assign(gamma_r2=gamma_r2),
    )

    assert changed.legible("veiled") is legible


def test_metrics_have_the_names_of_the_stages(results: Results) -> None:
    metrics = results.metrics()

    assert metrics["real_veiled.eer"] == 0.022
    assert metrics["delta_eer"] == 0.005
    assert metrics["delta_eer_veiled"] == 0.002
    assert metrics["distortion.veiled.within_alpha"] == 0.85
    assert metrics["pca.unet.explained_1"] == 0.5
    assert metrics["recognisability.unet.rank_1"] == 0.8
    assert metrics["table4.paper.real_real.f1"] == 0.9
    assert metrics["folds.all.real_real.accuracy"] == 0.97
    assert "folds.unseen.real_real.accuracy" not in metrics  # no fold has one
    assert all(isinstance(value, float) for value in metrics.values())


def with_numbers(results: Results, eer: float, delta: float, within: float, other: float, read: float) -> Results:
    verification = results.verification | {"delta_eer": delta, "delta_eer_veiled": other, "real_template": {"eer": eer}}
    return replace(
        results,
        verification=verification,
        distortion={"unet": {"within_alpha": within}, "veiled": {"within_alpha": 0.0}},
        recognisability=results.recognisability | {"veiled": {"rank_1": read, "detected": read}},
    )


def limit(bar: str) -> tuple[str, float]:
    """The direction and the number of a bar, in percent or points."""
    return bar[0], float(re.search(r"[\d.]+", bar)[0])


@pytest.mark.parametrize(
    ("numbers", "met"),
    [
        ((0.06, 0.005, 0.9, 0.003, 0.2), [True, True, True, True, True, True]),
        ((0.0601, 0.0, 1.0, 0.0031, 0.0), [False, True, True, False, True, True]),
        ((0.0, 0.0051, 1.0, -0.1, 0.2001), [True, False, True, True, False, True]),
        ((0.0, -0.01, 0.899, 0.0, 0.0), [True, True, False, True, True, True]),
    ],
)
def test_bars_are_met_at_their_own_value_and_missed_beyond(results: Results, numbers: tuple, met: list) -> None:
    *bars, _, _ = with_numbers(results, *numbers).bars

    assert [bar[3] for bar in bars] == met
    assert [limit(bar[1]) for bar in bars] == [("≤", 6), ("≤", 0.5), ("≥", 90), ("≤", 0.3), ("≤", 20), ("≤", 3)]
    assert [bar[0].partition(":")[0] for bar in bars] == 3 * ["unet"] + 3 * ["veiled"]


@pytest.mark.parametrize(
    ("plain", "edges", "met"), [(0.98, 0.84, [True, True]), (0.979, 0.9, [False, True]), (1.0, 0.79, [True, False])]
)
def test_the_judge_must_read_real_digits_as_they_are_and_on_average(
    results: Results, plain: float, edges: float, met: list
) -> None:
    reading = results.reading.copy()
    reading.loc[("real", "plain", "cnn"), "rank_1"] = plain
    reading.loc[("real", "edges", "cnn"), "rank_1"] = edges

    bars = replace(results, reading=reading).bars[-2:]

    average = (plain + edges) / 2
    assert bars == [
        ("real, as they are: named by the judge cnn", "≥ 98.0%", f"{plain:.1%}", met[0]),
        ("real, averaged over the views: named by the judge cnn", "≥ 90.0%", f"{average:.1%}", met[1]),
    ]


@pytest.mark.parametrize(
    ("read", "met"), [(0.02, [True, True, True]), (0.021, [True, False, True]), (0.31, [False, False, True])]
)
def test_faces_are_held_to_a_multiple_of_chance_and_to_a_detector(
    results: Results, params: Params, read: float, met: list
) -> None:
    faces = replace(with_numbers(results, 0, 0, 1, 0, read), name="faces", params=params.faces)

    bars = [bar for bar in faces.bars if bar[0].startswith("veiled")][1:]

    assert [limit(bar[1]) for bar in bars] == [("≤", 30), ("≤", 2), ("≤", 6)]
    assert [bar[3] for bar in bars] == met


def test_faces_without_a_detector_have_no_bar_for_it(results: Results, params: Params) -> None:
    faces = replace(results, name="faces", params=params.faces)

    assert not [bar for bar in faces.bars if "face found" in bar[0]]


def test_other_data_have_no_bars(results: Results) -> None:
    """The bars are set for the default data sets and those of the paper."""
    assert replace(results, params=SimpleNamespace(dataset="folder")).bars == []


def test_costs_stand_beside_what_they_buy(results: Results) -> None:
    table = generators([results])

    assert table.index.tolist() == ["digits, unet", "digits, veiled"]
    assert table.loc["digits, unet"].tolist() == [1000, 0.5, 9.5, 2.5, 0.6, 0.1, 0.025, 0.8]
    assert table.loc["digits, veiled", "eer"] == 0.022
