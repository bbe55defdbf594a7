"""Error rates of one-to-one verification: FMR, FNMR, EER, AUC, d′ (Fig. 13, Table 6)."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.metrics import auc, roc_curve


@dataclass(frozen=True)
class Rates:
    """Error rates at every threshold where they change.

    Attributes:
        thresholds: (k,) ascending; a pair matches if its distance is at most the threshold.
        fmr: (k,) false match rate, ascending from 0 to 1.
        fnmr: (k,) false non-match rate, descending from 1 to 0.
    """

    thresholds: np.ndarray
    fmr: np.ndarray
    fnmr: np.ndarray

    @property
    def eer(self) -> float:
        """Equal error rate: where the two curves cross, linear between their points."""
        return float(crossing(self.fmr, self.fnmr))

    @property
    def auc(self) -> float:
        """Area under the ROC curve."""
        return float(auc(self.fmr, 1 - self.fnmr))

    def fnmr_at(self, fmr: float) -> float:
        """Smallest FNMR of a threshold whose FMR is at most ``fmr``."""
        return float(self.fnmr[self.fmr <= fmr].min())

    @property
    def eer_threshold(self) -> float:
        """Smallest threshold whose FMR is at least its FNMR."""
        return float(self.thresholds[np.argmax(self.fmr >= self.fnmr - 1e-12)])

    def table(self, points: int) -> pd.DataFrame:
        """Return about ``points`` points of the curves: evenly spaced in FNMR and in the logarithm of FMR."""
        by_fmr = np.searchsorted(self.fmr, np.geomspace(1e-5, 1, points // 2))
        by_fnmr = np.searchsorted(1 - self.fnmr, np.linspace(0, 1, points // 2))
        chosen = np.unique(np.concatenate([[0], by_fmr, by_fnmr, [len(self.fmr) - 1]]).clip(0, len(self.fmr) - 1))
        columns = {"fmr": self.fmr, "tmr": 1 - self.fnmr, "fnmr": self.fnmr}
        return pd.DataFrame(columns).iloc[chosen]


def rates(genuine: np.ndarray, impostor: np.ndarray) -> Rates:
    """Compute the rates from distances of mated (p,) and non-mated (q,) pairs."""
    mated = np.concatenate([np.ones(len(genuine), dtype=bool), np.zeros(len(impostor), dtype=bool)])
    fmr, tmr, thresholds = roc_curve(mated, -np.concatenate([genuine, impostor]), drop_intermediate=False)
    # scikit-learn begins at a threshold that nothing passes: infinitely strict, which for a distance is below 0.
    return Rates(-thresholds, fmr, 1 - tmr)


def crossing(fmr: np.ndarray, fnmr: np.ndarray) -> np.ndarray:
    """Return the rate where ascending ``fmr`` (k, …) meets descending ``fnmr`` (k, …) along the first axis."""
    after = np.argmax(fmr >= fnmr, axis=0)[None]
    before = np.maximum(after - 1, 0)
    gap_before = np.take_along_axis(fnmr - fmr, before, axis=0)
    gap_after = np.take_along_axis(fmr - fnmr, after, axis=0)
    total = gap_before + gap_after
    share = np.where(total > 0, gap_before / np.where(total > 0, total, 1), 0)
    start, end = np.take_along_axis(fmr, before, axis=0), np.take_along_axis(fmr, after, axis=0)
    return (start + share * (end - start))[0]


def d_prime(genuine: np.ndarray, impostor: np.ndarray) -> float:
    """Separation of the two distributions: difference of the means over the root of the mean variance."""
    spread = np.sqrt((np.var(genuine, dtype=np.float64) + np.var(impostor, dtype=np.float64)) / 2)
    return float((np.mean(impostor, dtype=np.float64) - np.mean(genuine, dtype=np.float64)) / spread)
