"""Linkability: can an attacker who lacks the keys tell that two templates are of one person?

Scores of mated pairs (two templates of one person under two keys) against scores of non-mated pairs. The local measure is
D(s) = 2·LR(s)/(1 + LR(s)) − 1 where the likelihood ratio LR(s) = p(s | mated)/p(s | non-mated) is above 1, and 0 elsewhere;
the global one is D_sys = ∫ D(s)·p(s | mated) ds, from 0 (unlinkable) to 1 (Gomez-Barrero, Galbally, Rathgeb and Busch 2018,
with ω = 1). Maximal linkability is log₂ ∫ max(p(s | mated), p(s | non-mated)) ds bits, from 0 to 1 (Otroshi Shahreza, Shkel
and Marcel 2023).

Densities are histograms. With few scores even labels drawn by lot are a little "linkable": no number means anything without
:func:`floor` beside it.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

MOST_BINS = 100


class Linkability(NamedTuple):
    """Both measures, each in [0, 1]."""

    d_sys: float
    maximal: float


def bins_for(mated: int) -> int:
    """Return the number of bins for this many mated scores: a tenth of it, from 1 to :data:`MOST_BINS`."""
    return max(1, min(mated // 10, MOST_BINS))


def local(mated: np.ndarray, non_mated: np.ndarray, bins: int) -> pd.DataFrame:
    """Return D(s) and both histograms, a row for each bin.

    Args:
        mated: scores (p,) of templates of one person; their sign and scale do not matter.
        non_mated: scores (q,) of templates of two people.
        bins: of equal width, from the smallest score to the largest.

    Returns:
        ``mated`` and ``non_mated``, shares that sum up to 1, and ``d``, by ``score``, the middle of each bin.
    """
    edges = np.histogram_bin_edges(np.concatenate([mated, non_mated]), bins)
    p, q = (np.histogram(scores, edges)[0] / len(scores) for scores in (mated, non_mated))
    # 2·LR/(1 + LR) − 1 = (p − q)/(p + q), which is 1 where no non-mated score lies
    d = np.divide(np.maximum(p - q, 0), p + q, out=np.zeros(bins), where=p + q > 0)
    middles = pd.Index((edges[:-1] + edges[1:]) / 2, name="score")
    return pd.DataFrame({"mated": p, "non_mated": q, "d": d}, index=middles)


def linkability(mated: np.ndarray, non_mated: np.ndarray, bins: int) -> Linkability:
    """Measure how far mated and non-mated scores are apart; for the arguments see :func:`local`."""
    table = local(mated, non_mated, bins)
    overlap = np.maximum(table["mated"], table["non_mated"]).sum()
    return Linkability(float((table["d"] * table["mated"]).sum()), float(np.log2(overlap)))


def floor(mated: np.ndarray, non_mated: np.ndarray, bins: int, seed: int, repeats: int = 100) -> Linkability:
    """Return the mean of both measures when the same scores are called mated and non-mated by lot."""
    scores, rng = np.concatenate([mated, non_mated]), np.random.default_rng(seed)
    drawn = [np.split(rng.permutation(scores), [len(mated)]) for _ in range(repeats)]
    return Linkability(*np.mean([linkability(*each, bins) for each in drawn], axis=0).tolist())
