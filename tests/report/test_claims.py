from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from masquerade.report.claims import Claim, claims

TABLE_4 = pd.DataFrame(
    {"f1": [0.95, 0.96, 0.94]},
    index=pd.MultiIndex.from_tuples(
        [("paper", "real", "real-real"), ("paper", "unet", "real-template"), ("paper", "veiled", "real-template")]
    ),
)
SWEEP = pd.DataFrame(
    {"mse": [0.7, 0.4, 0.5, 0.45], "within_alpha": [0.0, 0.9, 0.99, 1.0]},
    index=pd.Index([0.0, 0.1, 0.2, 0.8], name="alpha"),
)


def verified(eer: float = 0.024, delta: float = 0.001, ci: tuple[float, float] = (-0.001, 0.003)) -> dict:
    return {"real_template": {"eer": eer}, "delta_eer": delta, "delta_eer_ci": list(ci)}


def table3(paper: list, **ours: list) -> pd.DataFrame:
    """The paper's numbers for some classes beside the mean squared errors of these generators."""
    rows = [
        (str(label), generator, "real-template", mse, number)
        for generator, each in ours.items()
        for label, (mse, number) in enumerate(zip(each, paper, strict=True))
    ]
    columns = ["class", "generator", "comparison", "mse", "paper"]
    return pd.DataFrame(rows, columns=columns).astype({"paper": float}).set_index(columns[:3])


def result(**changes: object) -> Any:
    """What claims() reads of a modality: a generator that keeps every promise but the one of a better accuracy."""
    usual = {
        "name": "digits",
        "kinds": ["unet"],
        "params": SimpleNamespace(dataset="mnist"),
        "legible": lambda kind: False,
        "recognisability": {"chance": 0.1, "unet": {"rank_1": 0.12}},
        "distortion": {"unet": {"hamming": 0.75}},
        "verification": {"unet": verified()},
        "table3": table3([0.7, 0.9], unet=[0.95, 0.75]),
        "table4": TABLE_4,
        "paper_table4": {"real-real": {"f1": 0.97}, "real-template": {"f1": 0.96}},
        "swept": "unet",
        "sweep": SWEEP,
    }
    return SimpleNamespace(**usual | changes)


def by_words(listed: list[Claim]) -> dict[str, Claim]:
    return {claim.says.split(" (")[0]: claim for claim in listed}


def test_every_claim_stands_with_the_papers_number_and_ours() -> None:
    listed = by_words(claims([result()]))

    shown = {words: (claim.paper, claim.measured, claim.holds) for words, claim in listed.items()}
    assert shown == {
        "Nobody recognises a template": ("judged by eye", "a judge identifies 12%, 10% by chance", True),
        "Pixels change by more than 70 %": ("> 70 %", "L1 75%", True),
        "Recognition stays as accurate as without distortion": (
            "EER of the images not given",
            "EER +0.10 points [-0.10, +0.30]",
            True,
        ),
        "It even slightly outscores the images themselves": ("F1 -1.00 points", "F1 +1.00 points", False),
        "Mean distance between real and generated": ("0.80", "mse 0.85", True),
        "EER": ("2.5%", "2.40%", True),
        "A greater α makes the distortion much more considerable": (
            "by eye, α 0 → 0.8",
            "mse 0.400 → 0.450, α 0.1 → 0.8; not reached: α 0",
            True,
        ),
    }


@pytest.mark.parametrize(
    ("words", "change"),
    [
        ("Nobody recognises a template", {"legible": lambda kind: True}),
        ("Pixels change by more than 70 %", {"distortion": {"unet": {"hamming": 0.7}}}),
        (
            "Recognition stays as accurate as without distortion",
            {"verification": {"unet": verified(delta=0.002, ci=(0.0001, 0.004))}},
        ),
        (
            "It even slightly outscores the images themselves",
            {"table4": TABLE_4.assign(f1=0.95), "verification": {"unet": verified(delta=-0.002, ci=(-0.003, -0.001))}},
        ),
        (
            "Mean distance between real and generated",
            {"table3": table3([0.7, 0.9], unet=[0.95, 0.6])},
        ),
        ("EER", {"verification": {"unet": verified(eer=0.0251)}}),
    ],
)
def test_a_claim_that_does_not_hold_is_said_not_to(words: str, change: dict) -> None:
    assert by_words(claims([result(**change)]))[words].holds is False


def test_outscoring_needs_a_better_f1_and_an_interval_below_zero() -> None:
    better = result(verification={"unet": verified(delta=-0.002, ci=(-0.003, -0.001))})

    assert by_words(claims([better]))["It even slightly outscores the images themselves"].holds is True


def test_distances_are_means_over_the_classes_the_paper_has() -> None:
    both = table3([0.8, None], unet=[0.7, 0.95])
    neither = table3([None, None], unet=[0.7, 0.95])

    assert by_words(claims([result(table3=both)]))["Mean distance between real and generated"].holds is False
    assert "Mean distance between real and generated" not in by_words(claims([result(table3=neither)]))


def test_margin_that_hardly_changes_the_distortion() -> None:
    listed = by_words(claims([result(sweep=SWEEP.assign(mse=[0.1, 0.4, 0.5, 0.43]))]))  # 0.1 never reached its α

    assert listed["A greater α makes the distortion much more considerable"].holds is False


@pytest.mark.parametrize(
    ("within", "measured"),
    [
        ([0.0, 0.5, 0.89, 1.0], "fewer than two α reached; not reached: α 0, 0.1, 0.2"),
        ([0.0, 0.5, 0.89, 0.89], "fewer than two α reached; not reached: α 0, 0.1, 0.2, 0.8"),
    ],
)
def test_sweep_that_hardly_meets_its_margins_tells_nothing(within: list[float], measured: str) -> None:
    claim = by_words(claims([result(sweep=SWEEP.assign(within_alpha=within))]))[
        "A greater α makes the distortion much more considerable"
    ]

    assert (claim.measured, claim.holds) == (measured, None)


def test_sweep_that_meets_every_margin_leaves_none_out() -> None:
    claim = by_words(claims([result(sweep=SWEEP.assign(within_alpha=0.95))]))[
        "A greater α makes the distortion much more considerable"
    ]

    assert (claim.measured, claim.holds) == ("mse 0.700 → 0.450, α 0 → 0.8", False)


def test_data_that_the_paper_does_not_use_has_no_numbers_of_the_paper() -> None:
    other = result(params=SimpleNamespace(dataset="orl"), table3=table3([None], unet=[0.1]), paper_table4={})

    listed = by_words(claims([other]))

    assert not {"EER", "Mean distance between real and generated"} & listed.keys()
    assert listed["It even slightly outscores the images themselves"].paper == "no numbers for this data"


def test_each_generator_is_read_by_its_own_numbers() -> None:
    both = result(
        kinds=["unet", "veiled"],
        recognisability={"chance": 0.1, "unet": {"rank_1": 0.5}, "veiled": {"rank_1": 0.1}},
        distortion={"unet": {"hamming": 0.8}, "veiled": {"hamming": 0.4}},
        verification={"unet": verified(eer=0.02), "veiled": verified(eer=0.03)},
        table3=table3([0.8], unet=[0.9], veiled=[0.3]),
    )

    listed = {(claim.where, claim.says.split(" (")[0]): claim for claim in claims([both])}

    assert listed["digits, veiled", "EER"].measured == "3.00%"
    assert listed["digits, veiled", "Mean distance between real and generated"].measured == "mse 0.30"
    assert listed["digits, veiled", "It even slightly outscores the images themselves"].measured == "F1 -1.00 points"
    assert listed["digits, unet", "Pixels change by more than 70 %"].measured == "L1 80%"
