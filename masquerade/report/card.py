"""The claims card: what each generator promises, who attacks it with what, and whether the promise holds."""

from collections.abc import Mapping
from typing import NamedTuple

from masquerade import attacks
from masquerade.attacks.finding import VERDICTS, Attack, Finding, Key, verdict
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
        """Say whether the claim holds for a generator that is attacked."""
        return verdict(self.findings[generator])

    def numbers(self, generator: str) -> str:
        """Write the numbers of a generator, such as ``0.01 [0.00, 0.02]; key stolen: 0.94 [0.90, 0.97]``."""
        shown = self.attack.shown.format
        return "; ".join(
            ("key stolen: " if key == "stolen" else "") + f"{shown(its.value)} [{shown(its.low)}, {shown(its.high)}]"
            for key, its in self.findings[generator].items()
        )

    @property
    def floor(self) -> str:
        """What chance gives, over all generators."""
        return self._range([its.floor for keys in self.findings.values() for its in keys.values()])

    @property
    def limit(self) -> str:
        """Up to what the claim holds, over all generators."""
        return self._range([its.limit for keys in self.findings.values() for its in keys.values()])

    @property
    def ceiling(self) -> str:
        """What the attack gives on what is not protected."""
        return self._range([its.ceiling for keys in self.findings.values() for its in keys.values()])

    def _range(self, values: list[float]) -> str:
        ends = [self.attack.shown.format(value) for value in (min(values), max(values))]
        return " to ".join(dict.fromkeys(ends))


class Row(NamedTuple):
    """One claim about all modalities, their numbers side by side.

    Attributes:
        says: the claim, what is measured, and the order of the modalities.
        cells: by generator that is attacked, the verdict and the numbers.
    """

    says: str
    cells: Mapping[str, str]


def card(results: list[Results]) -> list[Line]:
    """Return a line for each attack and modality, if there is a generator that it attacks."""
    return [
        Line(result.name, attacks.attack(name), result.attacks[name])
        for name in attacks.NAMES
        for result in results
        if result.attacks[name]
    ]


def summary(lines: list[Line]) -> list[Row]:
    """Return a row for each attack; a claim holds if it does for every modality."""
    rows = []
    for attack in dict.fromkeys(line.attack for line in lines):
        its = [line for line in lines if line.attack == attack]
        floors = " / ".join(line.floor for line in its)
        says = f"{attack.claim}: {attack.measure}, {' / '.join(line.modality for line in its)}; {floors} by chance"
        cells = {}
        for generator in its[0].findings:
            verdicts = {line.verdict(generator) for line in its}
            numbers = {
                key: " / ".join(attack.shown.format(line.findings[generator][key].value) for line in its)
                for key in its[0].findings[generator]
            }
            said = "; ".join(("key stolen: " if key == "stolen" else "") + each for key, each in numbers.items())
            cells[generator] = f"{max(verdicts, key=VERDICTS.index)}: {said}"
        rows.append(Row(says, cells))
    return rows
