import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from small_results import NUMBERS, TABLES

from masquerade import attacks, paper
from masquerade.errors import InputError
from masquerade.json_file import write_json
from masquerade.params import Params
from masquerade.paths import EVERY, Paths
from masquerade.report.results import Results, generators, minutes, read_results, shared_seconds, table6
from masquerade.report.targets import Targets


def test_every_table_is_read(results: Results) -> None:
    assert results.classes.loc["a"].to_numpy().tolist() == [8, 2]
    assert results.folds.loc[("all", "real", "real-real"), "genuine"] == 300
    assert results.table4.loc[("paper", "real", "real-real"), "f1"] == 0.9
    assert results.signs("unet")["gamma_r2"] == 0.3  # this pipeline's own row, not a provoked one
    assert results.signs("veiled")["gamma_r2"] == 0.01
    assert results.displacements.loc[("veiled", "a"), "ratio"] == 0.2
    assert results.adaptive.loc[(8, "embedding"), "accuracy"] == 0.5
    assert results.seconds == {"roc": 2.5, "train_judge": 60.0}


@pytest.mark.parametrize("file", [*TABLES, *NUMBERS])
def test_missing_file_is_named(file: str, reports: Path, params: Params, targets: Targets) -> None:
    (reports / file).unlink()

    with pytest.raises(InputError, match=f"reports/digits/{file}"):
        read_results("digits", params, targets).table("methods")  # which the page asks for


def test_short_table_of_an_attack_is_printed_whole(results: Results) -> None:
    assert results.attack_table("renewability").to_dict("list") == {
        "generator": ["unet", "keyed", "keyed", "keyed"],
        "renewals": [0, 0, 1, 2],
        "eer": [0.025, 0.024, 0.0285, 0.04],
    }


def long_table(levels: list[list[object]], names: list[str], column: str) -> pd.DataFrame:
    """Every combination, numbered from 0 in ``column``."""
    index = pd.MultiIndex.from_product(levels, names=names)
    table = pd.DataFrame({column: range(len(index)), "other": 0.5}, index, dtype=float)
    return table.reset_index(names[1:])


def test_long_table_has_a_column_for_each_generator_and_key(results: Results) -> None:
    """The rows that an attacker has with a secret key may be others than those with a stolen one."""
    table = long_table([["real", "unet"], ["none"], list("abcdefghijk")], ["generator", "key", "score"], "d_sys")
    keyed = pd.DataFrame({"key": ["secret", "stolen"], "score": ["b", "a"], "d_sys": [0.25, 0.5]}, ["keyed", "keyed"])
    shown = replace(results, attack_tables={"linkability": pd.concat([table, keyed]).rename_axis("generator")})

    found = shown.attack_table("linkability")

    assert found.columns.tolist() == [
        "score", "d_sys, real", "d_sys, unet", "d_sys, keyed, secret", "d_sys, keyed, stolen",
    ]  # fmt: skip
    assert found.to_numpy().tolist()[:3] == [["a", 0, 11, "–", 0.5], ["b", 1, 12, 0.25, "–"], ["c", 2, 13, "–", "–"]]
    assert len(found) == 11


@pytest.mark.parametrize(("examples", "rows"), [(5, 20), (6, 12)])
def test_what_is_long_nevertheless_gets_more_columns(results: Results, examples: int, rows: int) -> None:
    names = ["generator", "key", "fmr", "verifier", "examples"]
    table = long_table([["unet"], ["none"], [0.01, 0.001], ["F", "cnn"], list(range(examples))], names, "type_2")
    shown = replace(results, attack_tables={"inversion": pd.concat([table, table.rename({"unet": "veiled"})])})

    found = shown.attack_table("inversion")

    assert len(found) == rows
    assert found.iloc[-1, -1] == 4 * examples - 1


@pytest.mark.parametrize("name", attacks.NAMES)
def test_every_attack_s_table_has_the_number_that_tells_most(name: str, finished: Path) -> None:
    attack = attacks.attack(name)
    for modality in ("digits", "faces"):
        table = pd.read_csv(finished / f"reports/{modality}/attacks/{name}.csv")
        levels = ["generator", *(["key"] if "key" in table else []), *attack.by]

        assert not table.duplicated(levels).any()
        assert attack.column in table


def test_table6_has_the_papers_rows_and_then_ours(results: Results) -> None:
    table = table6([results])

    pd.testing.assert_frame_equal(table.iloc[: len(paper.TABLE_6)], paper.TABLE_6)
    assert table.iloc[len(paper.TABLE_6) :].to_numpy().tolist() == [
        ["This project, real – real", "Digits, mnist5k, embedder triplet", "2.00 [1.00, 3.00]"],
        ["This project, real – unet", "Digits, mnist5k, embedder triplet", "2.50 [1.49, 3.51]"],
        ["This project, real – veiled", "Digits, mnist5k, embedder triplet", "2.20 [1.25, 3.25]"],
        ["This project, real – keyed", "Digits, mnist5k, embedder triplet", "2.40 [1.45, 3.45]"],
    ]


def test_every_comparison_has_a_title_and_its_own_numbers(results: Results) -> None:
    assert results.kinds == ["unet", "veiled", "keyed"]
    assert {title: its["eer"] for title, its in results.comparisons.items()} == {
        "real – real": 0.02,
        "real – unet": 0.025,
        "unet – unet": 0.04,
        "real – veiled": 0.022,
        "veiled – veiled": 0.023,
        "real – keyed": 0.024,
        "keyed – keyed": 0.026,
    }


def test_table3_for_people_has_a_row_a_class_and_the_papers_number_once(results: Results) -> None:
    nan = float("nan")
    expected = pd.DataFrame(
        {
            "mse, real – real": [0.1, 0.15],
            "mse, real – unet": [0.5, 0.55],
            "mse, unet – unet": [0.2, 0.25],
            "mse, real – own unet": [0.6, 0.65],
            "mse, real – veiled": [0.3, 0.35],
            "the paper's, real-real": [0.12, nan],
            "the paper's, real-template": [0.8, nan],
            "the paper's, template-template": [0.04, nan],
            "euclidean, real – real": [0.01, 0.011],
            "euclidean, real – unet": [0.02, 0.021],
            "euclidean, unet – unet": [0.03, 0.031],
            "euclidean, real – own unet": [0.04, 0.041],
            "euclidean, real – veiled": [0.05, 0.051],
        },
        index=pd.Index(["b", "a"], name="class"),  # the order of the file, not of the alphabet
    )

    pd.testing.assert_frame_equal(results.distances, expected)


def test_data_that_the_paper_does_not_use_have_no_columns_of_the_paper(results: Results) -> None:
    other = replace(results, table3=results.table3.assign(paper=float("nan")))

    assert not [column for column in other.distances if "paper" in str(column)]


def test_adaptive_judge_for_people_has_a_row_for_each_number_of_templates(results: Results) -> None:
    assert results.learned.columns.tolist() == ["embedding", "real", "unet", "veiled", "keyed"]
    assert results.learned.index.tolist() == [8, 90]
    assert results.learned.to_numpy().tolist() == [[0.5, 0.4, 0.3, 0.2, 0.11], [0.9, 0.8, 0.7, 0.6, 0.12]]


def test_minutes_of_all_stages_and_of_the_papers_own(results: Results) -> None:
    assert minutes([results.seconds, results.seconds], ["roc", "confusion"]) == (2 * 62.5 / 60, 2 * 2.5 / 60)


def test_stages_without_a_modality_take_time_too(reports: Path) -> None:
    """But nobody can write a report with the time of its own writing."""
    for stage, seconds in {"modules": 2.0, "shared@unet": 0.5, "report": 9.0}.items():
        write_json(Paths(EVERY).timing(stage), {"seconds": seconds})

    assert shared_seconds() == {"modules": 2.0, "shared@unet": 0.5}


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
        recognisability=results.recognisability | {"veiled": {"rank_1": rank_1}},
        table5=results.table5.assign(gamma_r2=gamma_r2),
    )

    assert changed.legible("veiled") is legible


def test_outcome_of_a_training_is_its_warnings_and_then_its_numbers(results: Results) -> None:
    paper_s_own = replace(results, ended={"unet": {"warnings": [], "loss": 0.1}})  # a constant weight is no outcome

    assert results.outcome("unet") == "WARNING: it is pale, λ 25, 95.3% of the validation images within α"
    assert results.outcome("veiled") == "d_emb 0.07 on new mixtures, ε 0.40, mean square of tanh(U) 0.44"
    assert paper_s_own.outcome("unet") == ""


def test_metrics_have_the_names_of_the_stages(results: Results) -> None:
    metrics = results.metrics()

    assert metrics["real_real.eer"] == 0.02
    assert metrics["unet.real_template.eer"] == 0.025
    assert metrics["veiled.real_template.eer"] == 0.022
    assert metrics["veiled.template_template.n_genuine"] == 90
    assert metrics["unet.delta_eer"] == 0.005
    assert metrics["veiled.delta_eer"] == 0.002
    assert metrics["veiled.within_alpha"] == 0.85
    assert metrics["pca.unet.explained_1"] == 0.5
    assert metrics["recognisability.unet.rank_1"] == 0.8
    assert metrics["table4.paper.real_real.f1"] == 0.9
    assert metrics["table4.paper.unet.real_template.f1"] == 0.85
    assert metrics["folds.all.unet.real_template.accuracy"] == 0.96
    assert metrics["folds.all.real_real.accuracy"] == 0.97
    assert "folds.unseen.real_real.accuracy" not in metrics  # no fold has one
    assert all(isinstance(value, int | float) for value in metrics.values())


def with_numbers(results: Results, eer: float, delta: float, within: float, other: float, read: float) -> Results:
    verification = results.verification | {
        "unet": {"real_template": {"eer": eer}, "delta_eer": delta, "within_alpha": within},
        "veiled": {"real_template": {"eer": 0.0}, "delta_eer": other, "within_alpha": 0.0},
    }
    return replace(
        results,
        verification=verification,
        recognisability=results.recognisability | {"veiled": {"rank_1": read, "detected": read}},
    )


def limit(target: str) -> tuple[str, float]:
    """The direction and the number of a target, in percent or points."""
    number = re.search(r"[\d.]+", target)
    assert number is not None
    return target[0], float(number[0])


@pytest.mark.parametrize(
    ("numbers", "met"),
    [
        ((0.06, 0.003, 0.9, 0.003, 0.2, 0.55, 0.45), [True, True, True, True, True, True, True, True]),
        ((0.0601, 0.0, 1.0, 0.0031, 0.0, 1.0, 0.1), [False, True, True, True, True, False, True, True]),
        ((0.0, 0.0031, 1.0, -0.1, 0.2001, 0.549, 0.4), [True, False, True, False, True, True, False, True]),
        ((0.0, -0.01, 0.899, 0.0, 0.0, 1.0, 0.451), [True, True, False, True, False, True, True, True]),
    ],
)
def test_targets_are_met_at_their_own_value_and_missed_beyond(results: Results, numbers: tuple, met: list) -> None:
    *rates, mse, unet_read = numbers
    distortion = results.distortion | {"unet": {"mse": mse}}
    changed = replace(with_numbers(results, *rates), distortion=distortion)
    changed.recognisability["unet"]["rank_1"] = unet_read
    *targets, _, _ = changed.targets
    targets = [target for target in targets if not target[0].startswith("keyed")]

    assert [target[3] for target in targets] == met
    assert [limit(target[1]) for target in targets] == [
        ("≤", 6),
        ("≤", 0.3),
        ("≥", 90),
        ("≥", 0.55),
        ("≤", 45),
        ("≤", 0.3),
        ("≤", 20),
        ("≤", 3),
    ]
    assert [target[0].partition(":")[0] for target in targets] == 5 * ["unet"] + 3 * ["veiled"]


def test_a_generator_that_is_gone_has_no_targets(results: Results) -> None:
    """targets.yaml still names it; no stage has written anything of it."""
    left = {kind: numbers for kind, numbers in results.distortion.items() if kind != "keyed"}
    fewer = replace(
        results,
        distortion=left,
        verification={name: its for name, its in results.verification.items() if name != "keyed"},
        recognisability={name: its for name, its in results.recognisability.items() if name != "keyed"},
    )

    assert fewer.targets == [target for target in results.targets if not target[0].startswith("keyed: ")]
    assert len(fewer.targets) < len(results.targets)


def test_keyed_templates_are_held_to_the_attacks(results: Results) -> None:
    """One renewal costs 2.85 − 2.40 points; of the EERs 49 and 51.5 % the second is farther from 50 %."""
    targets = [target for target in results.targets if target[0].startswith("keyed")][2:]

    assert targets[:2] == [
        ("keyed: EER after one renewal", "≤ +0.50 points", "+0.45 points", True),
        ("keyed: linkage without the key, EER farthest from 50 %", "50% ± 2", "51.5%", True),
    ]
    assert [target[0].split(": ")[1] for target in targets[2:]] == [
        "linkability",
        "inversion",
        "distillation",
        "key_recovery",
        "renewability",
    ]
    assert targets[2][1:] == ("≤ 0.10", "0.06", True)


def test_what_was_not_attacked_meets_no_target(results: Results) -> None:
    nobody = pd.DataFrame(index=pd.Index(["too few people"], name="not attacked"))
    few = replace(
        results,
        attacks={**results.attacks, "linkability": {}},
        attack_tables={**results.attack_tables, "linkability": nobody},
    )

    missed = [target[0] for target in few.targets if target[2:] == ("not attacked", False)]
    assert missed == [
        "keyed: linkage without the key, EER farthest from 50 %",
        "keyed: linkability: D_sys, 0 to 1",
    ]


@pytest.mark.parametrize(
    ("plain", "edges", "met"), [(0.98, 0.96, [True, True]), (0.979, 0.97, [False, True]), (1.0, 0.93, [True, False])]
)
def test_the_judge_must_read_real_digits_as_they_are_and_on_average(
    results: Results, plain: float, edges: float, met: list
) -> None:
    reading = results.reading.copy()
    reading.loc[("real", "plain", "cnn"), "rank_1"] = plain
    reading.loc[("real", "edges", "cnn"), "rank_1"] = edges

    targets = replace(results, reading=reading).targets[-2:]

    average = (plain + edges) / 2
    assert targets == [
        ("real, as they are: identified by the judge cnn", "≥ 98.0%", f"{plain:.1%}", met[0]),
        ("real, averaged over the views: identified by the judge cnn", "≥ 97.0%", f"{average:.1%}", met[1]),
    ]


@pytest.mark.parametrize(("plain", "edges", "met"), [(0.5, 0.98, True), (0.98, 0.5, True), (0.979, 0.979, False)])
def test_the_judge_must_read_real_faces_in_its_best_view(
    results: Results, params: Params, plain: float, edges: float, met: bool
) -> None:
    reading = results.reading.copy()
    reading.loc[("real", "plain", "cnn"), "rank_1"] = plain
    reading.loc[("real", "edges", "cnn"), "rank_1"] = edges
    reading.loc[("real", "plain", "hog"), "rank_1"] = 1.0  # not the judge that was trained here

    faces = replace(results, name="faces", params=params.modality("faces"), reading=reading)

    what = "real, in the best view: identified by the judge cnn"
    assert [target for target in faces.targets if target[0].startswith("real")] == [
        (what, "≥ 98.0%", f"{max(plain, edges):.1%}", met)
    ]


@pytest.mark.parametrize(
    ("read", "met"), [(0.02, [True, True, True]), (0.021, [True, False, True]), (0.31, [False, False, True])]
)
def test_faces_are_held_to_a_multiple_of_chance_and_to_a_detector(
    results: Results, params: Params, read: float, met: list
) -> None:
    faces = replace(with_numbers(results, 0, 0, 1, 0, read), name="faces", params=params.modality("faces"))

    targets = [target for target in faces.targets if target[0].startswith("veiled")][1:]

    assert [limit(target[1]) for target in targets] == [("≤", 30), ("≤", 2), ("≤", 6)]
    assert [target[3] for target in targets] == met


def test_faces_without_a_detector_have_no_target_for_it(results: Results, params: Params) -> None:
    faces = replace(results, name="faces", params=params.modality("faces"))

    assert not [target for target in faces.targets if "face found" in target[0]]


def test_other_data_have_no_targets(results: Results) -> None:
    """They are set for the default data sets and those of the paper."""
    params: Any = SimpleNamespace(dataset="folder")

    assert replace(results, params=params).targets == []


def test_costs_stand_beside_what_they_buy(results: Results) -> None:
    table = generators([results])

    assert table.index.tolist() == ["digits, unet", "digits, veiled", "digits, keyed"]
    assert table.loc["digits, unet"].to_numpy().tolist() == [1000, 0.5, 9.5, 2.5, 0.6, 0.1, 0.025, 0.8]
    assert table.loc["digits, veiled", "eer"] == 0.022
