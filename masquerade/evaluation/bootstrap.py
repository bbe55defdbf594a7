"""Confidence intervals of the EER by resampling subjects."""

import numpy as np

from masquerade.evaluation.pairs import Block, Comparison
from masquerade.evaluation.verification import Rates, crossing

GRID = 12
"""Thresholds, at least, between which the resampled curves are linear."""

STEP = 0.04
"""From one threshold to the next the samples' FNMR over FMR may change by this share, about."""

QUICK = 24_000_000
"""Pairs of images times thresholds that are counted in no time: few images are counted at more thresholds."""


def resampled_eers(comparison: Comparison, replicates: int, seed: int) -> np.ndarray:
    """Return the EER of ``replicates`` bootstrap samples of the subjects, (replicates,).

    Equal seeds draw equal subjects, so that the difference of two comparisons of the same images is paired.

    A sample gives subject s the multiplicity w_s. The pairs of two subjects s ≠ t then count w_s·w_t times, those
    within one subject w_s times (a copy is not mated with its twin). With C_t[s, u] the number of matches at a
    threshold, the numerator is the quadratic form wᵀC_t w: one matrix product for all samples at once.

    The samples are counted at the EER's own threshold first. What they have there tells how far from it each one's
    curves cross, and so where the other thresholds are worth their price.
    """
    subjects, subject_of = np.unique(comparison.subjects, return_inverse=True)
    weights = _multiplicities(len(subjects), replicates, seed)
    rates = comparison.rates
    first, total = np.moveaxis(_weighted(comparison, subject_of, weights, np.array([rates.eer_threshold, 4.0])), 1, 0)
    # A sample may lack mated pairs altogether; 0 of 0 errors is no error.
    total = np.maximum(total, 1e-12)
    tmr, fmr = first / total
    grid = _grid(rates, tmr, fmr, len(subject_of))
    counted = _weighted(comparison, subject_of, weights, grid)
    ends = np.zeros((2, 1, replicates))
    tmr, fmr = np.concatenate([ends, counted / total[:, None], ends + 1], axis=1)
    return crossing(fmr, 1 - tmr)


def interval(samples: np.ndarray, confidence: float) -> list[float]:
    """Return the percentile interval [low, high] of bootstrap samples."""
    return [float(bound) for bound in np.quantile(samples, [(1 - confidence) / 2, (1 + confidence) / 2])]


def _multiplicities(subjects: int, replicates: int, seed: int) -> np.ndarray:
    drawn = np.random.default_rng(seed).multinomial(subjects, np.full(subjects, 1 / subjects), size=replicates)
    return drawn.T.astype(np.float32)  # (subjects, replicates)


def _weighted(comparison: Comparison, subjects: np.ndarray, weights: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Count the matches at k thresholds under each sample's multiplicities: genuine and impostor, (2, k, replicates).

    Args:
        subjects: int (n,), the row of ``weights`` of each image.
        weights: float32 (subjects, replicates). Counts stay below 2²⁴, where float32 is exact, up to 10⁵ images.
    """
    image_weights = weights[subjects]

    def count(block: Block) -> np.ndarray:
        rows, columns, distances, mated = block
        genuine, everyone = np.zeros((2, len(thresholds), weights.shape[1]))
        own = np.zeros((2, len(thresholds), len(weights)))
        row, column = np.nonzero(subjects[rows, None] == subjects[columns])
        subject, same = subjects[rows][row], comparison.labels[rows][row] == comparison.labels[columns][column]
        for at, threshold in enumerate(thresholds.astype(np.float32)):
            matches = sum((each <= threshold).view(np.uint8) for each in distances).astype(np.float32)
            within = matches[row, column]
            own[:, at] = [np.bincount(subject, within * kind, len(weights)) for kind in (same, ~same)]
            matches[row, column] = 0
            for counts, pairs in ((genuine, matches[:, : mated.shape[1]] * mated), (everyone, matches)):
                others = pairs @ image_weights[columns][: pairs.shape[1]]
                counts[at] = np.sum(image_weights[rows] * others, axis=0, dtype=np.float64)
        return np.stack([genuine, everyone - genuine]) + own @ weights

    return np.sum(comparison.in_blocks(count), axis=0)


def _grid(rates: Rates, tmr: np.ndarray, fmr: np.ndarray, images: int) -> np.ndarray:
    """Choose thresholds from just below to just above where the samples' curves will cross.

    If both curves of a sample were those of all pairs, scaled to what the sample has at their EER, they would cross
    where all pairs' FNMR is ``cost`` times their FMR. They cross a little beside it, by a term of second order.

    Args:
        tmr, fmr: (replicates,), the samples' rates at the EER's threshold.

    Returns:
        float32 (k,), ascending.
    """
    p, q, threshold = len(rates.genuine), len(rates.impostor), rates.eer_threshold
    # One error more on all sides, as there may be none
    cost = (fmr + 1 / q) / (rates.fmr(threshold) + 1 / q) * (rates.fnmr(threshold) + 1 / p) / (1 - tmr + 1 / p)
    spread = np.ptp(np.log(cost))
    margin = np.exp(0.05 + spread**2 / 8)
    low, high = (np.float32(rates.threshold(limit)) for limit in (cost.max() * margin, cost.min() / margin))
    window = [scores[(low <= scores) & (scores <= high)] for scores in (rates.genuine, rates.impostor)]
    low = np.nextafter(low, np.float32(-1))
    points = max(GRID, int(spread / STEP), QUICK // images**2)
    if sum(map(len, window)) < points:
        return np.unique(np.concatenate([[low], *window]))
    return np.linspace(low, high, points, dtype=np.float32)
