"""Error rates of one-to-one verification: FMR, FNMR, EER, AUC, d′ (Fig. 13, Table 6)."""

from bisect import bisect_left, bisect_right
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Rates:
    """Error rates at any threshold; a pair matches if its distance is at most the threshold.

    Every rate is a rank among sorted distances, so no curve over 10⁸ pairs is stored.

    Attributes:
        genuine: distances of mated pairs (p,), ascending.
        impostor: distances of non-mated pairs (q,), ascending.
    """

    genuine: np.ndarray
    impostor: np.ndarray

    def fmr(self, threshold: float | np.ndarray) -> np.ndarray:
        """False match rate: the share of impostors up to each threshold (…)."""
        return _rank(self.impostor, threshold) / len(self.impostor)

    def fnmr(self, threshold: float | np.ndarray) -> np.ndarray:
        """False non-match rate: the share of genuine pairs beyond each threshold (…)."""
        return 1 - _rank(self.genuine, threshold) / len(self.genuine)

    @property
    def eer(self) -> float:
        """Equal error rate: where the curves cross, linear between the scores on both sides."""
        fmr, tmr = (
            [_rank(scores, self.eer_threshold, side) / len(scores) for side in ("left", "right")]
            for scores in (self.impostor, self.genuine)
        )
        return float(_meeting(fmr[0], fmr[1], 1 - tmr[0], 1 - tmr[1]))

    @property
    def eer_threshold(self) -> float:
        """Smallest threshold whose FMR is at least its FNMR."""
        return self.threshold(1)

    def threshold(self, cost: float) -> float:
        """Smallest score at which FNMR is at most ``cost`` (> 0) times FMR."""

        def reached(threshold: float) -> bool:
            missed = len(self.genuine) - int(_rank(self.genuine, threshold))
            # Whole numbers: 1 − 2/3 is not 1/3 in floating point.
            return missed * len(self.impostor) <= cost * int(_rank(self.impostor, threshold)) * len(self.genuine)

        first = [(scores, bisect_left(scores, True, key=reached)) for scores in (self.genuine, self.impostor)]
        return min(float(scores[index]) for scores, index in first if index < len(scores))

    @property
    def auc(self) -> float:
        """Area under the ROC curve: how often a genuine pair is nearer than an impostor, ties counted half."""
        nearer, as_near = (int(np.searchsorted(self.impostor, self.genuine, side).sum()) for side in ("left", "right"))
        return 1 - (nearer + as_near) / (2 * len(self.genuine) * len(self.impostor))

    def fnmr_at(self, fmr: float) -> float:
        """Smallest FNMR of a threshold whose FMR is at most ``fmr``."""
        return float(self.fnmr(self.threshold_at(fmr)))

    def threshold_at(self, fmr: float) -> float:
        """Largest threshold whose FMR is at most ``fmr``: just below the first impostor that may not match."""
        q = len(self.impostor)
        allowed = bisect_right(range(q + 1), fmr, key=lambda matches: matches / q) - 1
        return np.inf if allowed == q else float(np.nextafter(self.impostor[allowed], self.impostor.dtype.type(-1)))

    def table(self, points: int) -> pd.DataFrame:
        """Return about ``points`` points of the curves: evenly spaced in FNMR and in the logarithm of FMR."""
        chosen = [
            scores[np.ceil(shares * len(scores)).astype(int).clip(1) - 1]
            for scores, shares in (
                (self.impostor, np.geomspace(1e-5, 1, points // 2)),
                (self.genuine, np.linspace(0, 1, points // 2)),
            )
        ]
        thresholds = np.unique(np.concatenate([[-np.inf], *chosen]))
        fmr, fnmr = self.fmr(thresholds), self.fnmr(thresholds)
        return pd.DataFrame({"fmr": fmr, "tmr": 1 - fnmr, "fnmr": fnmr})


def rates(genuine: np.ndarray, impostor: np.ndarray) -> Rates:
    """Compute the rates from distances of mated (p,) and non-mated (q,) pairs, in any order."""
    kind = np.result_type(genuine, impostor)
    return Rates(ascending(np.array(genuine, kind)), ascending(np.array(impostor, kind)))


def ascending(scores: np.ndarray) -> np.ndarray:
    """Sort an array (n,) in place and return it; for 10⁸ scores this is the slowest part of verification."""
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(np.ndarray.sort, np.array_split(scores, 2)))
    scores.sort(kind="stable")  # merges the sorted halves
    return scores


def crossing(fmr: np.ndarray, fnmr: np.ndarray) -> np.ndarray:
    """Return the rate where ascending ``fmr`` (k, …) meets descending ``fnmr`` (k, …) along the first axis."""
    after = np.argmax(fmr >= fnmr, axis=0)[None]
    sides = (
        np.take_along_axis(rate, at, axis=0)[0] for rate in (fmr, fnmr) for at in (np.maximum(after - 1, 0), after)
    )
    return _meeting(*sides)


def d_prime(genuine: np.ndarray, impostor: np.ndarray) -> float:
    """Separation of the two distributions: difference of the means over the root of the mean variance."""
    (genuine_mean, genuine_variance), (impostor_mean, impostor_variance) = map(_moments, (genuine, impostor))
    return float((impostor_mean - genuine_mean) / np.sqrt((genuine_variance + impostor_variance) / 2))


def _rank(scores: np.ndarray, threshold: float | np.ndarray, side: Literal["left", "right"] = "right") -> np.ndarray:
    # Thresholds of another type would make searchsorted convert all scores.
    return np.searchsorted(scores, np.asarray(threshold, scores.dtype), side)


def _meeting(fmr: np.ndarray, next_fmr: np.ndarray, fnmr: np.ndarray, next_fnmr: np.ndarray) -> np.ndarray:
    """Intersect the line from (``fmr``, ``fnmr``) to the next point with FMR = FNMR."""
    before, after = fnmr - fmr, next_fmr - next_fnmr
    total = before + after
    share = np.where(total > 0, before / np.where(total > 0, total, 1), 0)
    return fmr + share * (next_fmr - fmr)


def _moments(scores: np.ndarray) -> tuple[float, float]:
    # np.var would store all differences from the mean, as float64
    mean = float(np.mean(scores, dtype=np.float64))
    return mean, float(np.einsum("i,i", scores, scores, dtype=np.float64)) / len(scores) - mean**2
