"""Thresholds by false match rate, each with the interval of the rate that it gives: what a verifier decides by."""

import numpy as np
import pandas as pd

from masquerade.evaluation.bootstrap import interval, resampled_rates
from masquerade.evaluation.pairs import Comparison
from masquerade.params import Evaluation

RATES = [step / 10**power for power in range(9, 0, -1) for step in (1, 2, 5)][:-2]
"""False match rates, 1e-9 to 0.1."""


def thresholds(comparison: Comparison, params: Evaluation, seed: int) -> pd.DataFrame:
    """Choose the largest threshold for each false match rate that the impostor comparisons can resolve.

    Returns:
        A row for each, ``fmr``, with ``threshold`` (d_F), the interval ``fmr_low`` to ``fmr_high`` of the rate when the
        subjects are resampled, ``fnmr``, and ``impostors``, the number of comparisons.
    """
    rates = comparison.rates
    resolved = [fmr for fmr in RATES if fmr * len(rates.impostor) >= 1]
    chosen = np.array([rates.threshold_at(fmr) for fmr in resolved])
    samples = resampled_rates(comparison, chosen, params.bootstrap, seed)[1]
    rows = [
        {
            "threshold": threshold,
            "fmr_low": low,
            "fmr_high": high,
            "fnmr": float(rates.fnmr(threshold)),
            "impostors": len(rates.impostor),
        }
        for threshold, (low, high) in zip(chosen, (interval(row, params.confidence) for row in samples), strict=True)
    ]
    return pd.DataFrame(rows, index=pd.Index(resolved, name="fmr"))
