"""Verification over folds: the threshold of each fold is chosen on the others, as in LFW's View 2."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from masquerade.evaluation.arms import Arm


def accuracy(distances: np.ndarray, mated: np.ndarray, threshold: float) -> float:
    """Return the mean of two shares: mated pairs at or below the threshold, and non-mated pairs above it, 0…1.

    With as many mated as non-mated pairs it is the share of correct decisions.
    """
    accepted = distances <= threshold
    return float(np.mean(accepted[mated]) + np.mean(~accepted[~mated])) / 2


def best_threshold(distances: np.ndarray, mated: np.ndarray) -> float:
    """Return the threshold with the best :func:`accuracy`; ties: the lowest. It lies midway between two distances.

    Args:
        distances: (p,).
        mated: bool (p,), with at least one pair of each kind.
    """
    values = np.unique(distances)
    genuine, impostor = (np.sort(distances[kind]) for kind in (mated, ~mated))
    accepted = [np.searchsorted(kind, values, side="right") for kind in (genuine, impostor)]
    # The difference of the shares, in integers so that ties are exact. It is 0 if all pairs or none are accepted.
    best = int(np.argmax(accepted[0] * len(impostor) - accepted[1] * len(genuine)))
    return (float(values[best]) + float(values[min(best + 1, len(values) - 1)])) / 2


def fold_accuracies(distances: np.ndarray, mated: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """Return the accuracy of every fold (k,) at the threshold that is best on all other folds together.

    A fold without a mated or without a non-mated pair has no accuracy and is left out; its pairs still help to choose
    the thresholds of the others.

    Args:
        distances: (p,).
        mated: bool (p,).
        fold: int (p,).
    """

    def has_both(kinds: np.ndarray) -> bool:
        return bool(kinds.any() and not kinds.all())

    return np.array(
        [
            accuracy(distances[inside], mated[inside], best_threshold(distances[~inside], mated[~inside]))
            for inside in (fold == number for number in np.unique(fold))
            if has_both(mated[inside]) and has_both(mated[~inside])
        ]
    )


def fold_table(
    arms: Mapping[Arm, np.ndarray], mated: np.ndarray, fold: np.ndarray, subsets: Mapping[str, np.ndarray]
) -> pd.DataFrame:
    """Verify every subset of the pairs in every arm.

    Args:
        arms: distances (p,) by comparison.
        subsets: name → bool (p,), the pairs that count.

    Returns:
        One row per subset, generator and comparison: the mean ``accuracy`` of the folds, its ``standard_error`` (of k
        folds: standard deviation / √k; NaN below two folds), the number of ``folds`` that have one, and of ``genuine``
        and ``impostor`` pairs in the subset.
    """
    rows = {}
    for subset, chosen in subsets.items():
        for arm, distances in arms.items():
            each = fold_accuracies(distances[chosen], mated[chosen], fold[chosen])
            rows[subset, *arm] = {
                "accuracy": each.mean() if len(each) else np.nan,
                "standard_error": each.std(ddof=1) / np.sqrt(len(each)) if len(each) > 1 else np.nan,
                "folds": len(each),
                "genuine": np.count_nonzero(mated[chosen]),
                "impostor": np.count_nonzero(~mated[chosen]),
            }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis(["subset", "generator", "comparison"])
    return table.astype(dict.fromkeys(("folds", "genuine", "impostor"), int))
