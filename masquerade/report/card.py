"""The claims card: what each generator promises, who attacks it with what, and whether the promise holds."""

from collections.abc import Mapping
from typing import NamedTuple

from masquerade import attacks
from masquerade.attacks.finding import VERDICTS, Attack, Finding, Key, verdict
from masquerade.attacks.skip import COLUMN as NOT_ATTACKED
from masquerade.report.results import Results


class Line(NamedTuple):
    """One claim about one modality.

    Attributes:
        attack: which tries to break it.
        findings: by generator, and by where the key is.
        skipped: why the attack was not made; None: it was.
    """

    modality: str
    attack: Attack
    findings: Mapping[str, Mapping[Key, Finding]]
    skipped: str | None = None

    def verdict(self, generator: str) -> str:
        """Say whether the claim holds for a generator that is attacked."""
        return verdict(self.findings[generator])

    def numbers(self, generator: str) -> str:
        """Write the numbers of a generator, each beside the limit that decides and what chance gives.

        Such as ``0.01 [0.00, 0.02] ≤ 0.03 (0.01); key stolen: 0.94 [0.90, 0.97] > 0.10 (0.08)``.
        """
        return "; ".join(
            _stolen(key) + self._decided(its, f" [{self._shown(its.low)}, {self._shown(its.high)}]")
            for key, its in self.findings[generator].items()
        )

    def number(self, generator: str, key: Key) -> str:
        """Write one number without its interval, such as ``0.01 ≤ 0.03 (0.01)``."""
        its = self.findings.get(generator, {}).get(key)
        return NOT_ATTACKED if its is None else self._decided(its)

    @property
    def ceiling(self) -> str:
        """What the attack gives on what is not protected."""
        values = [its.ceiling for keys in self.findings.values() for its in keys.values()]
        ends = [self._shown(value) for value in (min(values), max(values))] if values else ["–"]
        return " to ".join(dict.fromkeys(ends))

    def _decided(self, its: Finding, interval: str = "") -> str:
        sign = "≤" if its.holds else ">"
        return f"{self._shown(its.value)}{interval} {sign} {self._shown(its.limit)} ({self._shown(its.floor)})"

    def _shown(self, value: float) -> str:
        return self.attack.shown.format(value)


class Row(NamedTuple):
    """One claim about all modalities, their numbers side by side.

    Attributes:
        says: the claim, what is measured, the order of the modalities, and why one is not attacked.
        cells: by generator that is attacked, the verdict and the numbers.
    """

    says: str
    cells: Mapping[str, str]


def card(results: list[Results]) -> list[Line]:
    """Return a line for each attack and modality, if there is a generator that it attacks."""
    return [
        Line(result.name, attacks.attack(name), result.attacks[name], skipped)
        for name in attacks.NAMES
        for result in results
        for skipped in [result.skipped(name)]
        if result.attacks[name] or skipped
    ]


def summary(lines: list[Line]) -> list[Row]:
    """Return a row for each attack; a claim holds if it does for every modality that is attacked."""
    rows = []
    for attack in dict.fromkeys(line.attack for line in lines):
        its = [line for line in lines if line.attack == attack]
        reasons = [f"; {line.modality} {NOT_ATTACKED}: {line.skipped}" for line in its if line.skipped]
        says = f"{attack.claim}: {attack.measure}, {' / '.join(line.modality for line in its)}{''.join(reasons)}"
        cells = {}
        for generator in dict.fromkeys(name for line in its for name in line.findings):
            made = [line for line in its if generator in line.findings]
            verdicts = {line.verdict(generator) for line in made}
            numbers = "; ".join(
                _stolen(key) + " / ".join(line.number(generator, key) for line in its)
                for key in made[0].findings[generator]
            )
            cells[generator] = f"{max(verdicts, key=VERDICTS.index)}: {numbers}"
        rows.append(Row(says, cells))
    return rows


def _stolen(key: Key) -> str:
    return "key stolen: " if key == "stolen" else ""
