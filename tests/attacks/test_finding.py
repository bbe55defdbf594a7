from pathlib import Path

import pytest

from masquerade import attacks
from masquerade.attacks.finding import Finding, Findings, numbers, read_findings, verdict, write_findings
from masquerade.errors import InputError

WELL, BADLY = (Finding(value, value - 0.1, value + 0.1, 0.1, 0.2, 0.95) for value in (0.2, 0.21))


def test_a_claim_holds_up_to_its_limit() -> None:
    assert (WELL.holds, BADLY.holds) == (True, False)


@pytest.mark.parametrize(
    ("findings", "said"),
    [
        ({"none": WELL}, "holds"),
        ({"none": BADLY}, "does not hold"),
        ({"secret": WELL, "stolen": WELL}, "holds"),
        ({"secret": WELL}, "holds while the key is secret"),
        ({"secret": BADLY}, "does not hold"),
        ({"stolen": BADLY}, "does not hold"),
        ({"secret": WELL, "stolen": BADLY}, "holds while the key is secret"),
        ({"secret": BADLY, "stolen": WELL}, "does not hold"),
    ],
)
def test_verdicts(findings: dict, said: str) -> None:
    assert verdict(findings) == said


def test_findings_come_back_from_their_file(tmp_path: Path) -> None:
    findings: Findings = {"unet": {"none": BADLY}, "keyed": {"secret": WELL, "stolen": BADLY}}

    write_findings(tmp_path / "some.json", findings)

    assert read_findings(tmp_path / "some.json") == findings
    assert numbers(findings) == {"unet.none": 0.21, "keyed.secret": 0.2, "keyed.stolen": 0.21}


def test_file_of_another_shape_is_refused(tmp_path: Path) -> None:
    (tmp_path / "some.json").write_text('{"unet": {"none": {"value": 1}}}')

    with pytest.raises(InputError, match=r"some\.json"):
        read_findings(tmp_path / "some.json")


@pytest.mark.parametrize("name", attacks.NAMES)
def test_every_attack_says_what_it_is(name: str) -> None:
    attack = attacks.attack(name)

    assert all(attack)
    assert attack.shown.format(0.5)
    assert not attack.claim.endswith(".")
