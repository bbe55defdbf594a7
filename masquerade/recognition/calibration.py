"""Thresholds by false match rate, from impostor comparisons of people the embedder has never seen (stage ``roc``)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from masquerade.errors import InputError


class Point(NamedTuple):
    """A threshold and what it was found to do.

    Attributes:
        fmr: false match rate that it was chosen for, 0…1.
        threshold: largest d_F that matches, 0…4.
        fmr_low, fmr_high: interval of the false match rate, people resampled.
        fnmr: false non-match rate, 0…1.
    """

    fmr: float
    threshold: float
    fmr_low: float
    fmr_high: float
    fnmr: float


@dataclass(frozen=True)
class Calibration:
    """Thresholds of one generator.

    Attributes:
        impostors: comparisons of different people behind them.
        points: with ascending FMR.
    """

    impostors: int
    points: Sequence[Point]

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Self:
        """Read what a .json file holds."""
        return cls(content["impostors"], [Point(**point) for point in content["points"]])

    def at(self, fmr: float) -> Point:
        """Return the point of the largest false match rate that is at most ``fmr``.

        Raises:
            InputError: ``fmr`` is no rate, or so small that the impostor comparisons cannot tell.
        """
        if not 0 < fmr < 1:
            raise InputError(f"a false match rate lies between 0 and 1, and {fmr:g} does not")
        chosen = [point for point in self.points if point.fmr <= fmr * (1 + 1e-9)]
        if not chosen:
            raise InputError(
                f"a false match rate of {fmr:g} cannot be told from {self.impostors} impostor comparisons: "
                f"{self.points[0].fmr:.2g} is the least"
            )
        return chosen[-1]

    def threshold(self, fmr: float) -> float:
        """Return the largest d_F that matches, see :meth:`at`."""
        return self.at(fmr).threshold
