"""Confidence intervals of the EER by resampling subjects."""

import numpy as np

from masquerade.evaluation.pairs import Comparison
from masquerade.evaluation.verification import crossing

GRID = 24
"""Thresholds, at least, between which the resampled curves are linear."""


def resampled_eers(comparison: Comparison, replicates: int, seed: int) -> np.ndarray:
    """Return the EER of ``replicates`` bootstrap samples of the subjects, (replicates,).

    Equal seeds draw equal subjects, so that the difference of two comparisons of the same pictures is paired.

    A sample gives subject s the multiplicity w_s. The pairs of two subjects s ≠ t then count w_s·w_t times, those
    within one subject w_s times (a copy is not mated with its twin). With C_t[s, u] the number of matches at a
    threshold, the numerator is the quadratic form wᵀC_t w: one matrix product for all samples at once.
    """
    weights = _multiplicities(comparison.subjects, replicates, seed)
    thresholds = _grid(comparison)
    off_diagonal = ~np.eye(len(comparison.labels), dtype=bool)
    curves = []
    for pairs in (comparison.mated & off_diagonal, ~comparison.mated):
        total = _weighted(pairs, comparison.subjects, weights)
        # A sample may lack mated pairs altogether; 0 of 0 errors is no error.
        total = np.maximum(total, 1e-12)
        curves.append(
            [_weighted(pairs & (comparison.distances <= t), comparison.subjects, weights) / total for t in thresholds]
        )
    tmr, fmr = (np.concatenate([np.zeros((1, replicates)), curve, np.ones((1, replicates))]) for curve in curves)
    return crossing(fmr, 1 - tmr)


def interval(samples: np.ndarray, confidence: float) -> list[float]:
    """Return the percentile interval [low, high] of bootstrap samples."""
    return [float(bound) for bound in np.quantile(samples, [(1 - confidence) / 2, (1 + confidence) / 2])]


def _multiplicities(subjects: np.ndarray, replicates: int, seed: int) -> np.ndarray:
    n = len(np.unique(subjects))
    drawn = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=replicates)
    return drawn.T.astype(np.float32)  # (subjects, replicates)


def _weighted(pairs: np.ndarray, subjects: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Count pairs (n, n) under each sample's multiplicities: (replicates,)."""
    counts = pairs.astype(np.float32)
    order = np.argsort(subjects, kind="stable")
    starts = np.unique(subjects[order], return_index=True)[1]
    if len(starts) < len(subjects):
        counts = np.add.reduceat(np.add.reduceat(counts[order][:, order], starts, axis=0), starts, axis=1)
    within = counts.diagonal().copy()
    np.fill_diagonal(counts, 0)
    return np.sum(weights * (counts @ weights), axis=0, dtype=np.float64) + within @ weights


def _grid(comparison: Comparison) -> np.ndarray:
    """Choose thresholds around the EER, wide enough that a resampled crossing lies inside."""
    margin = min(4 * comparison.rates.eer + 0.02, 1.0)
    low = np.quantile(comparison.genuine, 1 - margin)
    high = np.quantile(comparison.impostor, margin)
    scores = np.unique(np.concatenate([comparison.genuine, comparison.impostor]))
    window = scores[(scores >= min(low, high)) & (scores <= max(low, high))]
    # All of them where that is quick; a count of pairs costs n² at each.
    points = min(len(window), max(GRID, 40_000_000 // comparison.distances.size))
    return window[np.linspace(0, len(window) - 1, points).round().astype(int)]
