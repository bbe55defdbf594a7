"""The claims card: what each generator promises, who attacks it with what, and whether the promise holds."""

from collections.abc import Mapping
from typing import NamedTuple

from masquerade import attacks
from masquerade.attacks.finding import Attack, Finding, Key, verdict
from masquerade.report.results import Results


class Line(NamedTuple):
    """One claim about one modality.

    Attributes:
        attack: which tries to break it.
        findings: by generator, and by where the key is.
    """

    modality: str
    attack: Attack
    findings: Mapping[str, Mapping[Key, Finding]]

    def verdict(self, generator: str) -> str:
        """Say whether the claim holds for a generator."""
        return verdict(self.findings[generator])

    def numbers(self, generator: str, interval: bool = True) -> str:
        """Write the numbers of a generator, such as ``0.01 [0.00, 0.02]; key stolen: 0.94 [0.90, 0.97]``."""
        return "; ".join(
            ("" if key != "stolen" else "key stolen: ") + self._written(its, interval)
            for key, its in self.findings[generator].items()
        )

    @property
    def floor(self) -> str:
        """What chance gives, over all generators."""
        return self._range([its.floor for keys in self.findings.values() for its in keys.values()])

    @property
    def ceiling(self) -> str:
        """What the attack gives on what is not protected."""
        return self._range([its.ceiling for keys in self.findings.values() for its in keys.values()])

    def _written(self, its: Finding, interval: bool) -> str:
        shown = self.attack.shown.format
        return f"{shown(its.value)} [{shown(its.low)}, {shown(its.high)}]" if interval else shown(its.value)

    def _range(self, values: list[float]) -> str:
        ends = [self.attack.shown.format(value) for value in (min(values), max(values))]
        return " to ".join(dict.fromkeys(ends))


def card(results: list[Results]) -> list[Line]:
    """Return a line for each attack and modality."""
    return [
        Line(result.name, attacks.attack(name), result.attacks[name]) for name in attacks.NAMES for result in results
    ]
