"""Confidence intervals of the EER by resampling subjects."""

import numpy as np

from masquerade.evaluation.pairs import Block, Comparison
from masquerade.evaluation.verification import Rates, crossing

GRID = 12
"""Smallest number of thresholds; the resampled curves are linear between them."""

STEP = 0.04
"""Approximate relative change of the samples' FNMR / FMR from one threshold to the next."""

QUICK = 24_000_000
"""Pairs of images times thresholds that are quickly counted: small data sets get more thresholds."""


def resampled_eers(comparison: Comparison, replicates: int, seed: int) -> np.ndarray:
    """Return the EER of ``replicates`` bootstrap samples of the subjects, (replicates,).

    Equal seeds draw equal subjects, so the difference of two comparisons of the same images is paired.

    A sample gives subject s the multiplicity w_s. The pairs of two subjects s ≠ t then count w_s·w_t times, those
    within one subject w_s times (a copy is not mated with its twin). If C[s, t] is the number of matches at a
    threshold, the numerator is the quadratic form wᵀCw: one matrix product for all samples at once.

    The samples are first counted at the EER threshold of all pairs. Their rates there tell about where their curves
    cross, and the other thresholds are placed only there.
    """
    subjects, subject_of = np.unique(comparison.subjects, return_inverse=True)
    weights = multiplicities(len(subjects), replicates, seed)
    rates = comparison.rates
    first, total = np.moveaxis(_weighted(comparison, subject_of, weights, np.array([rates.eer_threshold, 4.0])), 1, 0)
    # A sample may have no mated pairs: avoid 0 / 0.
    total = np.maximum(total, 1e-12)
    tmr, fmr = first / total
    grid = _grid(rates, tmr, fmr, len(subject_of))
    counted = _weighted(comparison, subject_of, weights, grid)
    ends = np.zeros((2, 1, replicates))
    tmr, fmr = np.concatenate([ends, counted / total[:, None], ends + 1], axis=1)
    return crossing(fmr, 1 - tmr)


def resampled_rates(comparison: Comparison, thresholds: float | np.ndarray, replicates: int, seed: int) -> np.ndarray:
    """Return TMR and FMR at each of the thresholds (…) of bootstrap samples of the subjects, (2, …, replicates)."""
    subjects, subject_of = np.unique(comparison.subjects, return_inverse=True)
    weights = multiplicities(len(subjects), replicates, seed)
    counted = _weighted(comparison, subject_of, weights, np.append(thresholds, 4.0))
    shares = counted[:, :-1] / np.maximum(counted[:, -1:], 1e-12)
    return shares.reshape(2, *np.shape(thresholds), replicates)


def resampled_means(values: np.ndarray, subjects: np.ndarray, replicates: int, seed: int) -> np.ndarray:
    """Return the mean of values (n,), one an image, of bootstrap samples of the subjects (n,), (replicates,)."""
    names, subject_of = np.unique(subjects, return_inverse=True)
    weights = multiplicities(len(names), replicates, seed)
    sums, sizes = np.bincount(subject_of, values, len(names)), np.bincount(subject_of)
    return (sums @ weights) / (sizes @ weights)


def interval(samples: np.ndarray, confidence: float) -> list[float]:
    """Return the percentile interval [low, high] of bootstrap samples."""
    return [float(bound) for bound in np.quantile(samples, [(1 - confidence) / 2, (1 + confidence) / 2])]


def multiplicities(subjects: int, replicates: int, seed: int) -> np.ndarray:
    """Draw how often each subject is in each bootstrap sample, float32 (subjects, replicates)."""
    drawn = np.random.default_rng(seed).multinomial(subjects, np.full(subjects, 1 / subjects), size=replicates)
    return drawn.T.astype(np.float32)


def _weighted(comparison: Comparison, subjects: np.ndarray, weights: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Count genuine and impostor matches at k thresholds by each sample's multiplicities, (2, k, replicates).

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

    If a sample's curves were those of all pairs, scaled to the sample's rates at the EER threshold, they would cross
    where the FNMR of all pairs is ``cost`` times their FMR. The true crossing differs by a second-order term.

    Args:
        tmr, fmr: (replicates,), the samples' rates at the EER threshold of all pairs.

    Returns:
        float32 (k,), ascending.
    """
    p, q, threshold = len(rates.genuine), len(rates.impostor), rates.eer_threshold
    # One more error on each side, as there may be none
    cost = (fmr + 1 / q) / (rates.fmr(threshold) + 1 / q) * (rates.fnmr(threshold) + 1 / p) / (1 - tmr + 1 / p)
    spread = np.ptp(np.log(cost))
    slack = np.exp(0.05 + spread**2 / 8)
    low, high = (np.float32(rates.threshold(limit)) for limit in (cost.max() * slack, cost.min() / slack))
    window = [scores[(low <= scores) & (scores <= high)] for scores in (rates.genuine, rates.impostor)]
    low = np.nextafter(low, np.float32(-1))
    points = max(GRID, int(spread / STEP), QUICK // images**2)
    if sum(map(len, window)) < points:
        return np.unique(np.concatenate([[low], *window]))
    return np.linspace(low, high, points, dtype=np.float32)
