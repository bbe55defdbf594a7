"""What an attack has found: its number beside what chance and what no protection give."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from masquerade.errors import InputError
from masquerade.json_file import read_json, write_json

Key = Literal["none", "secret", "stolen"]
"""Where the key of the attacked template is: there is none, the attacker lacks it, or has it."""


LUCK = 0.999
"""Quantile of chance that an attack must beat. There are dozens of attacks: one in forty beats a quantile of 0.975."""


class Attack(NamedTuple):
    """An attack, as reports show it.

    Attributes:
        title: of its section.
        claim: the promise that it tries to break.
        attacker: what the attacker knows, wants and spends, in a phrase.
        measure: what the number is; the larger, the worse.
        shown: format of the number, such as ``{:.0%}``.
        text: what its figure and table show, in Markdown.
        column: the number of the table that tells most: a page shows that one alone if there are too many rows.
        by: what the table has rows for, besides generators and keys.
    """

    title: str
    claim: str
    attacker: str
    measure: str
    shown: str
    text: str
    column: str
    by: tuple[str, ...]


class Finding(NamedTuple):
    """The number of an attack on one kind of template.

    Attributes:
        value: the larger, the better for the attacker.
        low, high: its interval.
        floor: what the same attack gives by chance.
        limit: the largest value at which the claim holds: the most that chance gives, and not less than what does no
            harm.
        ceiling: what the same attack gives on what is not protected.
    """

    value: float
    low: float
    high: float
    floor: float
    limit: float
    ceiling: float

    @property
    def holds(self) -> bool:
        """Whether the attack does no better than chance."""
        return self.value <= self.limit


VERDICTS = ("holds", "holds while the key is secret", "does not hold")
"""What can be said of a claim, the best first."""

Findings = Mapping[str, Mapping[Key, Finding]]
"""By generator, and by where the key is."""


def most(chance: np.ndarray) -> float:
    """Return the most that chance gives, from draws (r,): their quantile :data:`LUCK`."""
    return float(np.quantile(chance, LUCK))


def write_findings(path: Path, findings: Findings) -> None:
    """Write them as JSON: generator → key → numbers."""
    write_json(path, {name: {key: its._asdict() for key, its in keys.items()} for name, keys in findings.items()})


def read_findings(path: Path) -> Findings:
    """Read what :func:`write_findings` wrote.

    Raises:
        InputError: the file is missing or damaged.
    """
    try:
        return {name: {key: Finding(**its) for key, its in keys.items()} for name, keys in read_json(path).items()}
    except (AttributeError, TypeError) as error:
        raise InputError(f"{path}: does not hold what an attack found; dvc repro writes it anew") from error


def with_ceiling(findings: Findings, ceiling: float) -> Findings:
    """Return the findings with what the same attack gives on what is not protected."""
    return {name: {key: its._replace(ceiling=ceiling) for key, its in keys.items()} for name, keys in findings.items()}


def numbers(findings: Findings) -> dict[str, float]:
    """Return the values by names for MLflow, such as ``keyed.secret``."""
    return {f"{name}.{key}": its.value for name, keys in findings.items() for key, its in keys.items()}


def verdict(findings: Mapping[Key, Finding]) -> str:
    """Say which of :data:`VERDICTS` is true of the claim; what was not tried with a stolen key is not promised."""
    holds = {key: its.holds for key, its in findings.items()}
    if not holds.get("secret", True) or holds.get("none") is False:
        return VERDICTS[2]
    if "secret" in holds:
        return VERDICTS[0 if holds.get("stolen") else 1]
    return VERDICTS[0 if all(holds.values()) else 2]
