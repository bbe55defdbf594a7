from dataclasses import replace

import pandas as pd
import pytest

from masquerade.attacks.finding import Finding
from masquerade.report.notes import notes
from masquerade.report.results import Results


def test_a_verifier_whom_the_ceiling_does_not_convince_is_named(results: Results) -> None:
    (note,) = notes("inversion", results)

    assert note == (
        "Digits: of the images rebuilt from F(X) itself, `cnn` accepts 25% at an FMR of 1 % and 0% at an FMR of 0.1 % "
        "for the image (type I). Against this verifier the attack is too weak: those rows prove nothing about "
        "templates."
    )


def test_nothing_is_said_of_an_attack_that_succeeds(results: Results) -> None:
    strong = results.attack_tables["inversion"].assign(type_1=0.9)

    assert notes("inversion", replace(results, attack_tables={**results.attack_tables, "inversion": strong})) == []


@pytest.mark.parametrize(("limit", "said"), [(0.475, 1), (0.14, 0)])
def test_few_people_make_a_weak_row(results: Results, limit: float, said: int) -> None:
    found = Finding(value=0.375, low=0.2, high=0.65, floor=0.25, limit=limit, ceiling=1.0)
    its = replace(results, attacks={**results.attacks, "distillation": {"keyed": {"secret": found}}})

    said_here = notes("distillation", its)

    assert len(said_here) == said
    assert all("chance names 25% of the templates on average, and up to 48%" in note for note in said_here)


@pytest.mark.parametrize(
    ("eers", "said"),
    [
        ([0.024, 0.0285, 0.04], "one renewal costs more than 0.3 points of EER, 2.40% → 2.85%"),
        ([0.024, 0.025, 0.0275], "2 renewals in a row cost more than 0.3 points of EER, 2.40% → 2.75%"),
        ([0.024, 0.0245, 0.0255], "2 renewals in a row cost less than 0.3 points of EER, 2.40% → 2.55%"),
    ],
)
def test_renewals_until_the_budget_is_spent_are_read_from_the_table(
    results: Results, eers: list[float], said: str
) -> None:
    """A kind without a key has nothing to renew."""
    table = pd.DataFrame({"renewals": [0, 0, 1, 2], "eer": [0.03, *eers]}, index=["unet", *3 * ["keyed"]])
    its = replace(results, attack_tables={**results.attack_tables, "renewability": table})

    assert notes("renewability", its) == [f"Digits, `keyed`: {said}."]


def test_other_attacks_and_those_that_were_not_made_have_no_notes(results: Results) -> None:
    nobody = pd.DataFrame(index=pd.Index(["too few people"], name="not attacked"))
    its = replace(results, attack_tables=dict.fromkeys(results.attack_tables, nobody))

    assert notes("linkability", results) == []
    assert [notes(name, its) for name in ("inversion", "distillation", "renewability")] == [[], [], []]
