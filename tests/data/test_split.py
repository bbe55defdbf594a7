from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from masquerade.data.image_set import ImageSet
from masquerade.data.split import split, validation
from masquerade.errors import InputError


def numbered(labels: list[int], subjects: list[int] | None = None) -> ImageSet:
    """Images that carry their own number in their first two pixels."""
    images = np.zeros((len(labels), 8, 8, 1), dtype=np.uint8)
    images[:, 0, 0, 0], images[:, 0, 1, 0] = np.divmod(np.arange(len(labels)), 256)
    names = np.array([f"c{label}" for label in range(max(labels) + 1)])
    subjects = labels if subjects is None else subjects
    return ImageSet(images, np.array(labels), np.array(subjects), names, np.empty(0, dtype=bool))


def numbers(part: ImageSet) -> list[int]:
    return (part.images[:, 0, 0, 0].astype(int) * 256 + part.images[:, 0, 1, 0]).tolist()


def test_every_class_is_held_out_in_proportion() -> None:
    train, test = split(numbered(50 * [0] + 20 * [1] + 10 * [2]), "class", 0.2, seed=7)

    assert np.bincount(train.labels).tolist() == [40, 16, 8]
    assert np.bincount(test.labels).tolist() == [10, 4, 2]


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.lists(st.integers(2, 6), min_size=10, max_size=25),
    fraction=st.floats(0.2, 0.8),
    seed=st.integers(0, 2**32 - 1),
)
def test_nobody_is_in_both_halves_and_nothing_is_lost(sizes: list[int], fraction: float, seed: int) -> None:
    labels = np.repeat(np.arange(len(sizes)), sizes).tolist()

    train, test = split(numbered(labels), "subject", fraction, seed)

    assert not set(train.subjects) & set(test.subjects)
    assert sorted(numbers(train) + numbers(test)) == list(range(len(labels)))
    assert abs(len(set(test.subjects)) - fraction * len(sizes)) <= 1


@settings(max_examples=60, deadline=None)
@given(sizes=st.lists(st.integers(5, 20), min_size=2, max_size=6), seed=st.integers(0, 2**32 - 1))
def test_split_by_class_loses_nothing_and_has_every_class_twice(sizes: list[int], seed: int) -> None:
    labels = np.repeat(np.arange(len(sizes)), sizes).tolist()

    train, test = split(numbered(labels), "class", 0.4, seed)

    assert sorted(numbers(train) + numbers(test)) == list(range(len(labels)))
    assert set(train.labels) == set(test.labels) == set(labels)


@pytest.mark.parametrize("by", ["class", "subject"])
def test_same_seed_same_split_and_other_seed_another(by: str) -> None:
    data = numbered(np.repeat(np.arange(20), 5).tolist())

    held_out = [numbers(split(data, by, 0.3, seed)[1]) for seed in (7, 7, 8)]

    assert held_out[0] == held_out[1] != held_out[2]


@pytest.mark.parametrize("by", ["class", "subject"])
def test_official_test_set_is_kept_whatever_the_parameters(by: str) -> None:
    official = np.array([0, 1, 1, 0, 1, 0], dtype=bool)
    data = replace(numbered([0, 0, 0, 1, 1, 1]), official_test=official)

    train, test = split(data, by, 0.9, seed=1)

    assert numbers(train) == [0, 3, 5]
    assert numbers(test) == [1, 2, 4]


def test_class_with_one_image_is_named() -> None:
    with pytest.raises(InputError, match=r"class c1 has one image"):
        split(numbered([0, 0, 0, 1, 2, 2]), "class", 0.5, seed=7)


def test_one_subject_alone_is_refused() -> None:
    with pytest.raises(InputError, match=r"two subjects, got one \(c0\)"):
        split(numbered([0, 0, 0]), "subject", 0.5, seed=7)


def test_held_out_part_without_impostors_is_refused() -> None:
    with pytest.raises(InputError, match="raise test_fraction"):
        split(numbered([0, 0, 1, 1]), "subject", 0.5, seed=7)


def test_held_out_part_without_mated_pairs_is_refused() -> None:
    with pytest.raises(InputError, match="two images of one class"):
        split(numbered([0, 1, 2, 3]), "subject", 0.5, seed=7)


def names(part: ImageSet) -> set[str]:
    return set(part.names[part.labels])


def test_named_people_are_held_out_in_the_place_of_others() -> None:
    data = numbered(np.repeat(np.arange(20), 3).tolist())
    drawn = names(split(data, "subject", 0.2, seed=7)[1])
    named = sorted(drawn)[:1] + sorted(set(data.names) - drawn)[:2]  # one is there already

    train, test = split(data, "subject", 0.2, 7, named)

    assert len(drawn) == len(names(test)) == 4
    assert set(named) < names(test)
    assert names(test) - set(named) < drawn  # whoever stays was drawn before
    assert not names(train) & names(test)
    assert sorted(numbers(train) + numbers(test)) == list(range(60))


@settings(max_examples=60, deadline=None)
@given(people=st.integers(5, 20), fraction=st.floats(0.3, 0.7), seed=st.integers(0, 2**32 - 1), data=st.data())
def test_naming_people_changes_neither_how_many_are_held_out_nor_who_without_names(
    people: int, fraction: float, seed: int, data: st.DataObject
) -> None:
    everybody = numbered(np.repeat(np.arange(people), 2).tolist())
    drawn = names(split(everybody, "subject", fraction, seed)[1])
    named = data.draw(st.lists(st.sampled_from(everybody.names.tolist()), max_size=len(drawn), unique=True))

    held_out = names(split(everybody, "subject", fraction, seed, named)[1])

    assert set(named) <= held_out
    assert len(held_out) == len(drawn)
    assert set(named) - drawn or held_out == drawn


def test_unknown_name_to_hold_out_is_named() -> None:
    with pytest.raises(InputError, match="held_out: the data set has no class 'c9'"):
        split(numbered([0, 0, 1, 1, 2, 2]), "subject", 0.5, 7, ["c1", "c9"])


def test_more_names_than_people_held_out_are_refused() -> None:
    with pytest.raises(InputError, match="held_out: names 3 people, but test_fraction holds out 2; raise it"):
        split(numbered([0, 0, 1, 1, 2, 2, 3, 3]), "subject", 0.5, 7, ["c0", "c1", "c2"])


def test_official_test_set_cannot_be_changed_by_names() -> None:
    data = replace(numbered([0, 0, 0, 1, 1, 1]), official_test=np.array([0, 1, 1, 0, 1, 0], dtype=bool))

    with pytest.raises(InputError, match="held_out: 'c1' cannot be held out, the data set has its own test set"):
        split(data, "subject", 0.5, 7, ["c1"])


@pytest.mark.parametrize("by", ["class", "subject"])
@pytest.mark.parametrize("fraction", [0.001, 0.999])
def test_fraction_that_leaves_one_half_empty_is_one_sentence(by: str, fraction: float) -> None:
    with pytest.raises(InputError):
        split(numbered([0, 0, 1, 1, 2, 2]), by, fraction, seed=7)


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 6), min_size=2, max_size=25),
    by=st.sampled_from(["class", "subject"]),
    seed=st.integers(0, 2**32 - 1),
)
def test_validation_sets_a_tenth_aside_and_loses_nothing(sizes: list[int], by: str, seed: int) -> None:
    labels = np.repeat(np.arange(len(sizes)), sizes).tolist()
    groups = len(sizes) if by == "subject" else len(labels)

    known, others = validation(numbered(labels), by, seed)

    assert sorted(numbers(known) + numbers(others)) == list(range(len(labels)))
    if by == "subject":
        assert not set(known.subjects) & set(others.subjects)
    assert len(set(others.subjects) if by == "subject" else others) == max(1, round(groups / 10))


def test_validation_needs_two_of_what_it_divides() -> None:
    alone = numbered([0, 0])
    with pytest.raises(InputError, match="the training part has one subject; it needs another"):
        validation(alone, "subject", seed=7)
    known, others = validation(alone, "class", seed=7)
    assert (len(known), len(others)) == (1, 1)
