from dataclasses import replace

import pandas as pd

from masquerade import attacks
from masquerade.report.card import card, summary
from masquerade.report.flows import three_flows
from masquerade.report.results import Results


def test_every_attack_has_a_line_with_its_numbers(results: Results) -> None:
    lines = card([results])
    linkability = lines[0]

    assert [line.attack for line in lines] == [attacks.attack(name) for name in attacks.NAMES]
    assert linkability.ceiling == "0.95"
    assert linkability.verdict("unet") == "does not hold"
    assert linkability.numbers("unet") == "0.80 [0.70, 0.90] > 0.10 (0.06)"
    assert linkability.verdict("keyed") == "holds while the key is secret"
    both = "0.06 [0.00, 0.16] ≤ 0.10 (0.05); key stolen: 0.90 [0.80, 1.00] > 0.10 (0.06)"
    assert linkability.numbers("keyed") == both


def test_an_attack_without_a_victim_has_no_line(results: Results) -> None:
    others = {name: findings for name, findings in results.attacks.items() if name != "linkability"}

    lines = card([replace(results, attacks={"linkability": {}, **others})])

    assert attacks.attack("linkability") not in {line.attack for line in lines}


def test_a_claim_is_as_good_as_on_its_worst_modality(results: Results) -> None:
    line = card([results])[0]
    worse = {key: its._replace(limit=0.0) for key, its in line.findings["keyed"].items()}
    other = line._replace(modality="faces", findings={**line.findings, "keyed": worse})

    (row,) = summary([line, other])

    assert row.says.endswith("D_sys, 0 to 1, digits / faces")
    assert row.cells["unet"] == "does not hold: 0.80 > 0.10 (0.06) / 0.80 > 0.10 (0.06)"
    assert row.cells["keyed"] == (
        "does not hold: 0.06 ≤ 0.10 (0.05) / 0.06 > 0.00 (0.05); key stolen: 0.90 > 0.10 (0.06) / 0.90 > 0.00 (0.06)"
    )
    alone = "holds while the key is secret: 0.06 ≤ 0.10 (0.05); key stolen: 0.90 > 0.10 (0.06)"
    assert summary([line])[0].cells["keyed"] == alone


def test_an_attack_that_was_not_made_says_why(results: Results) -> None:
    nobody = pd.DataFrame(index=pd.Index(["too few people"], name="not attacked"))
    tables = {**results.attack_tables, "linkability": nobody}
    few = replace(results, name="few", attacks={**results.attacks, "linkability": {}}, attack_tables=tables)

    line, other = card([results, few])[:2]
    (row,) = summary([line, other])

    assert (line.skipped, other.skipped, other.ceiling) == (None, "too few people", "–")
    assert row.says.endswith("digits / few; few not attacked: too few people")
    assert row.cells["unet"] == "does not hold: 0.80 > 0.10 (0.06) / not attacked"
    assert summary([other])[0].cells == {}


def test_thieves_learn_nothing_that_was_not_tried(results: Results) -> None:
    table = three_flows(replace(results, attacks={**results.attacks, "distillation": {}}))

    assert set(table.query("flow != 'encryption'")["and of the key"]) == {"not attacked"}
    assert table.query("flow == 'encryption'")["and of the key"].tolist() == ["X itself"]


def test_flows_for_people_have_the_times_of_their_parts(results: Results) -> None:
    table = three_flows(results)
    parts = ["decrypt, ms", "distort, ms", "embed, ms", "compare, ms"]

    assert table[parts].to_numpy().tolist() == [
        ["–", "11", "7", "0.25"],
        ["–", "–", "7", "0.25"],
        ["–", "–", "7", "0.25"],
        ["0.5", "–", "14", "0.25"],  # of the probe and of the decrypted image
    ]
    thieves = ["a thief of the database", "and of the key"]
    assert table[thieves].to_numpy().tolist() == [
        ["70%", "70%"],
        ["70%", "70%"],
        ["6%", "90%"],
        ["nothing", "X itself"],
    ]
