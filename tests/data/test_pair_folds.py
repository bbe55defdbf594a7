import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from masquerade.data.pair_folds import PairFolds, draw_folds
from masquerade.errors import InputError


def people_of(pairs: PairFolds, subjects: np.ndarray, fold: int) -> set[int]:
    inside = pairs.fold == fold
    return set(subjects[pairs.first[inside]]) | set(subjects[pairs.second[inside]])


def test_people_are_apart_where_every_fold_has_enough_of_them() -> None:
    """Two people of three images a fold: 3 + 3 mated pairs, 9 non-mated."""
    labels = np.repeat(np.arange(8), 3)

    pairs, apart = draw_folds(labels, labels, folds=4, pairs=300, seed=7)

    assert apart
    for fold in range(4):
        inside = pairs.fold == fold
        assert (pairs.mated[inside].sum(), (~pairs.mated[inside]).sum()) == (6, 6)  # as many of both
        assert len(people_of(pairs, labels, fold)) == 2
    assert len(set.union(*(people_of(pairs, labels, fold) for fold in range(4)))) == 8


def test_people_are_shared_where_there_are_too_few() -> None:
    """Three people of four images, five folds: 3·6 mated pairs are 3 a fold, and as many of the 48 others."""
    labels = np.repeat(np.arange(3), 4)

    pairs, apart = draw_folds(labels, labels, folds=5, pairs=300, seed=7)

    assert not apart
    assert np.bincount(pairs.fold).tolist() == [6] * 5
    assert np.bincount(pairs.fold[pairs.mated]).tolist() == [3] * 5


def test_images_that_are_their_own_subjects_are_apart() -> None:
    """Digits, whose writers nobody recorded."""
    labels, subjects = np.tile(np.arange(2), 40), np.arange(80)

    pairs, apart = draw_folds(labels, subjects, folds=4, pairs=5, seed=7)

    assert apart
    assert np.bincount(pairs.fold).tolist() == [10] * 4
    folds = [people_of(pairs, subjects, fold) for fold in range(4)]
    assert sum(map(len, folds)) == len(set.union(*folds))


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 5), min_size=3, max_size=15),
    folds=st.integers(2, 4),
    pairs=st.integers(1, 10),
    seed=st.integers(0, 2**32 - 1),
)
def test_no_pair_is_drawn_twice_and_none_is_an_image_with_itself(
    sizes: list[int], folds: int, pairs: int, seed: int
) -> None:
    labels = np.repeat(np.arange(len(sizes)), sizes)
    if sum(size * (size - 1) // 2 for size in sizes) < folds:
        return
    drawn, apart = draw_folds(labels, labels, folds, pairs, seed)

    unordered = {frozenset(pair) for pair in zip(drawn.first.tolist(), drawn.second.tolist(), strict=True)}
    assert len(unordered) == len(drawn.fold)
    assert all(len(pair) == 2 for pair in unordered)
    np.testing.assert_array_equal(drawn.mated, labels[drawn.first] == labels[drawn.second])
    for fold in range(folds):
        mated = drawn.mated[drawn.fold == fold]
        assert 0 < mated.sum() == (~mated).sum() <= pairs
    if apart:
        everybody = [people_of(drawn, labels, fold) for fold in range(folds)]
        assert sum(map(len, everybody)) == len(set.union(*everybody))


def test_same_seed_same_pairs_and_either_image_may_come_first() -> None:
    labels = np.repeat(np.arange(10), 10)

    one, same, other = (draw_folds(labels, labels, 5, 50, seed)[0] for seed in (7, 7, 8))

    np.testing.assert_array_equal(one.first, same.first)
    assert one.first.tolist() != other.first.tolist()
    for kind in (one.mated, ~one.mated):
        assert 0.3 < (one.first[kind] < one.second[kind]).mean() < 0.7


@pytest.mark.parametrize("labels", [[0, 1, 2, 3], [0, 0, 0], [0, 0, 1], []])
def test_too_few_images_are_one_sentence(labels: list[int]) -> None:
    few = np.array(labels, dtype=int)

    with pytest.raises(InputError, match=r"evaluation.folds.count: 3 folds need"):
        draw_folds(few, few, 3, 300, seed=7)


def test_renumbered_pairs_point_into_the_images_they_name() -> None:
    pairs = PairFolds(np.array([9, 4, 9]), np.array([4, 2, 7]), np.array([1, 0, 0], dtype=bool), np.array([0, 0, 1]))

    named, renumbered = pairs.renumbered()

    assert named.tolist() == [2, 4, 7, 9]
    assert renumbered.first.tolist() == [3, 1, 3]
    assert renumbered.second.tolist() == [1, 0, 2]
    assert (renumbered.mated.tolist(), renumbered.fold.tolist()) == ([True, False, False], [0, 0, 1])
