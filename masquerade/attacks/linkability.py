"""Linkability: an attacker who lacks the keys tries to tell which templates are of one person.

Knows F, the judges and all templates, no key and no label. Wants to say which templates belong together. Spends one
comparison a pair.

The scores of mated pairs (two templates of one person, each with a key of its own) stand against those of non-mated
pairs. The local measure is D(s) = 2·LR(s)/(1 + LR(s)) − 1 where the likelihood ratio of the two is above 1, and 0
elsewhere; the global one is D_sys = ∫ D(s)·p(s | mated) ds, from 0 (unlinkable) to 1 (Gomez-Barrero, Galbally, Rathgeb
and Busch 2018, with ω = 1). Maximal linkability is log₂ ∫ max(p(s | mated), p(s | non-mated)) ds bits, from 0 to 1
(Otroshi Shahreza, Shkel and Marcel 2023).

Densities are histograms. With few scores even labels drawn by lot are a little "linkable": no number means anything
without :func:`floor` beside it.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from masquerade.evaluation.bootstrap import interval, resampled_shares
from masquerade.evaluation.pairs import Comparison

FEW, MANY = 10, 100
"""Bins of the coarse histograms, and most bins of the fine ones."""

BY_LOT = 20
"""Permutations behind a floor."""


class Linkability(NamedTuple):
    """Both measures, each in [0, 1]; of several samples (r,)."""

    d_sys: np.ndarray
    maximal: np.ndarray


def bins_for(mated: int) -> int:
    """Return the number of bins for this many mated scores: a tenth of it, from 1 to :data:`MANY`."""
    return max(1, min(mated // 10, MANY))


def edges_of(mated: np.ndarray, non_mated: np.ndarray, bins: int) -> np.ndarray:
    """Return the edges (bins + 1,) of bins of equal width, from the smallest score to the largest."""
    return np.histogram_bin_edges([min(mated.min(), non_mated.min()), max(mated.max(), non_mated.max())], bins)


def measured(p: np.ndarray, q: np.ndarray) -> Linkability:
    """Compute both measures from the shares of mated and of non-mated scores in each bin, (bins,) or (bins, r)."""
    return Linkability((local(p, q) * p).sum(axis=0), np.log2(np.maximum(p, q).sum(axis=0)))


def local(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Return D(s) of each bin: 2·LR/(1 + LR) − 1 = (p − q)/(p + q), which is 1 where no non-mated score lies."""
    return np.divide(np.maximum(p - q, 0), p + q, out=np.zeros(p.shape), where=p + q > 0)


def shares(scores: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return the share of the scores in each bin."""
    return np.histogram(scores, edges)[0] / len(scores)


def linkability(mated: np.ndarray, non_mated: np.ndarray, bins: int) -> Linkability:
    """Measure how far mated scores (p,) and non-mated scores (q,) are apart; their sign and scale do not matter."""
    edges = edges_of(mated, non_mated, bins)
    return measured(shares(mated, edges), shares(non_mated, edges))


def floor(mated: np.ndarray, non_mated: np.ndarray, bins: int, seed: int) -> Linkability:
    """Return the mean of both measures when the same scores are called mated and non-mated by lot."""
    counts = np.histogram(np.concatenate([mated, non_mated]), edges_of(mated, non_mated, bins))[0]
    drawn = np.random.default_rng(seed).multivariate_hypergeometric(counts, len(mated), BY_LOT, method="marginals").T
    found = measured(drawn / len(mated), (counts[:, None] - drawn) / len(non_mated))
    return Linkability(*(measure.mean() for measure in found))


def report(comparison: Comparison, replicates: int, confidence: float, seed: int) -> dict[str, float]:
    """Attack with the distances of one comparison.

    Returns:
        ``d_sys`` and ``maximal`` of fine histograms with their floors ``floor_d_sys`` and ``floor_maximal``; the same
        of :data:`FEW` bins, ``coarse_…``, with the interval ``coarse_d_sys_low`` and ``coarse_d_sys_high`` by
        bootstrap over the subjects; ``eer``, 0.5 by chance; the numbers of scores, ``n_mated`` and ``n_non_mated``, and
        of ``bins``.
    """
    mated, non_mated = comparison.genuine, comparison.impostor
    row: dict[str, float] = {}
    for prefix, bins in (("", bins_for(len(mated))), ("coarse_", FEW)):
        for name, (d_sys, maximal) in (
            ("", linkability(mated, non_mated, bins)),
            ("floor_", floor(mated, non_mated, bins, seed)),
        ):
            row |= {f"{prefix}{name}d_sys": float(d_sys), f"{prefix}{name}maximal": float(maximal)}
    inner = edges_of(mated, non_mated, FEW)[1:]
    p, q = (np.diff(share, prepend=0, axis=0) for share in resampled_shares(comparison, inner, replicates, seed))
    low, high = interval(measured(p, q).d_sys, confidence)
    counts = {"n_mated": len(mated), "n_non_mated": len(non_mated), "bins": bins_for(len(mated))}
    return row | {"coarse_d_sys_low": low, "coarse_d_sys_high": high, "eer": comparison.rates.eer} | counts


def histograms(comparison: Comparison) -> pd.DataFrame:
    """Return ``mated``, ``non_mated`` (shares) and ``d``, D(s), a row for each bin, by ``d_f``, its middle."""
    mated, non_mated = comparison.genuine, comparison.impostor
    edges = edges_of(mated, non_mated, min(40, bins_for(len(mated))))
    p, q = shares(mated, edges), shares(non_mated, edges)
    middles = pd.Index((edges[:-1] + edges[1:]) / 2, name="d_f")
    return pd.DataFrame({"mated": p, "non_mated": q, "d": local(p, q)}, index=middles)
