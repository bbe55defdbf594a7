import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masquerade.evaluation.arms import BASELINE, Arm
from masquerade.evaluation.folds import accuracy, best_threshold, fold_accuracies, fold_table

DISTANCES = np.array([0.2, 0.6, 1.0, 0.8, 1.4, 1.8])
MATED = np.array([1, 1, 1, 0, 0, 0], dtype=bool)


def test_accuracy_by_hand() -> None:
    """At 0.8: 2 of 3 mated pairs accepted, 2 of 3 others refused; at the threshold a pair matches."""
    assert accuracy(DISTANCES, MATED, 0.8) == pytest.approx((2 / 3 + 2 / 3) / 2)
    assert accuracy(DISTANCES, MATED, 0.79) == pytest.approx((2 / 3 + 3 / 3) / 2)


def test_accuracy_weighs_both_kinds_equally() -> None:
    """Accepting everything would be right for 4 of 5 pairs, and is worth one half."""
    assert accuracy(np.arange(5.0), np.array([1, 1, 1, 1, 0], dtype=bool), 9) == 0.5


def test_best_threshold_is_the_lowest_of_equals_midway_to_the_next_distance() -> None:
    # Accepted up to 0.6: 2/3 − 0; up to 0.8: 2/3 − 1/3; up to 1.0: 3/3 − 1/3, which equals the first.
    assert best_threshold(DISTANCES, MATED) == pytest.approx((0.6 + 0.8) / 2)


def test_best_threshold_of_mated_pairs_that_are_all_farther_accepts_everything() -> None:
    distances = np.array([1.0, 2.0])

    assert best_threshold(distances, np.array([False, True])) == 2.0


def test_equal_distances_are_accepted_or_refused_together() -> None:
    distances, mated = np.array([0.5, 0.5, 0.5, 1.0]), np.array([1, 1, 0, 0], dtype=bool)

    assert best_threshold(distances, mated) == 0.75


@given(
    mated=st.lists(st.integers(0, 12), min_size=1, max_size=8),
    others=st.lists(st.integers(0, 12), min_size=1, max_size=8),
)
def test_no_other_threshold_is_better(mated: list[int], others: list[int]) -> None:
    distances = np.array(mated + others) / np.float32(3)
    kinds = np.arange(len(distances)) < len(mated)

    best = accuracy(distances, kinds, best_threshold(distances, kinds))

    assert best == pytest.approx(max(accuracy(distances, kinds, t) for t in [-1.0, *distances.tolist()]))


def test_threshold_comes_from_the_other_folds() -> None:
    """Fold 1 alone would choose 2.5. The other two choose 1: of fold 1, 0 of 1 mated and 1 of 1 other are right."""
    distances = np.array([0.5, 1.5, 2.0, 3.0, 0.5, 1.5])
    mated = np.array([1, 0] * 3, dtype=bool)
    fold = np.array([0, 0, 1, 1, 2, 2])

    # Folds 0 and 2 choose with fold 1: up to 0.5, 1/2 − 0 (up to 2.0: 1 − 1/2, no better): 1.0, right for both.
    np.testing.assert_allclose(fold_accuracies(distances, mated, fold), [1, 0.5, 1])


def test_fold_without_one_kind_is_left_out() -> None:
    distances = np.array([0.5, 1.5, 0.6, 0.4, 1.6])
    mated = np.array([1, 0, 1, 1, 0], dtype=bool)

    assert fold_accuracies(distances, mated, np.array([0, 0, 1, 2, 2])).tolist() == [1, 1]
    assert fold_accuracies(distances, mated, np.array([0, 0, 0, 1, 1])).tolist() == [1, 1]
    # Where one fold has all of a kind, no threshold can be chosen for it and nothing be measured on the others.
    assert fold_accuracies(distances, mated, np.array([0, 0, 1, 1, 0])).tolist() == []
    assert fold_accuracies(np.empty(0), np.empty(0, dtype=bool), np.empty(0, dtype=int)).tolist() == []


def test_table_has_mean_standard_error_and_counts() -> None:
    """Accuracies 1, 0.5, 1: mean 5/6, standard deviation √(1/12) = 0.2887, divided by √3: 1/6."""
    mated, fold = np.array([1, 0] * 3, dtype=bool), np.array([0, 0, 1, 1, 2, 2])
    unet = Arm("unet", "real-template")
    arms = {BASELINE: np.array([0, 2.0] * 3), unet: np.array([0.5, 1.5, 2.0, 3.0, 0.5, 1.5])}

    table = fold_table(arms, mated, fold, {"unseen": fold == 1, "some": fold != 1, "all": fold >= 0})

    assert table.index.names == ["subset", "generator", "comparison"]
    assert table.xs(("all", "real", "real-real")).to_numpy().tolist() == [1, 0, 3, 3, 3]
    assert table.xs(("all", *unet)).to_numpy().tolist() == pytest.approx([5 / 6, 1 / 6, 3, 3, 3])
    assert table.xs(("some", *unet)).to_numpy().tolist() == [1, 0, 2, 2, 2]
    alone = table.xs(("unseen", *unet))  # no other fold to choose a threshold on
    assert alone[["accuracy", "standard_error"]].isna().all()
    assert alone[["folds", "genuine", "impostor"]].to_numpy().tolist() == [0, 1, 1]
    assert all(pd.api.types.is_integer_dtype(table[count]) for count in ("folds", "genuine", "impostor"))
