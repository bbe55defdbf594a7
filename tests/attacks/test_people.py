import numpy as np
import pytest

from masquerade.attacks.people import attacked, others, several


def people(images: list[int]) -> np.ndarray:
    """Labels of people with so many images each; they are their own subjects."""
    return np.repeat(np.arange(len(images)), images)


def test_every_other_subject_is_attacked_and_the_rest_are_known() -> None:
    labels = people([2, 3, 2, 3])

    assert np.unique(labels[attacked(labels, labels)]).tolist() == [1, 3]
    assert np.unique(labels[others(labels)]).tolist() == [0, 2]


def test_where_each_image_is_a_subject_labels_are_on_both_sides() -> None:
    labels = np.tile([0, 1], 8).repeat(2)

    victims = attacked(labels, np.arange(32))

    assert victims.sum() == 16
    assert set(labels[victims]) == set(labels[~victims]) == {0, 1}


@pytest.mark.parametrize("images", [[2, 1, 1], [2, 2], [9, 9, 9], [4, 2, 4, 1], [1, 4, 1, 4, 1]])
def test_nobody_is_attacked_if_there_are_too_few_people(images: list[int]) -> None:
    """It takes two attacked people with two images each, and four images of the others."""
    labels = people(images)

    assert not attacked(labels, labels).any()


@pytest.mark.parametrize("images", [[2, 2, 2, 2], [1, 2, 3, 2], [1, 2, 1, 2, 2]])
def test_the_smallest_sets_are_enough(images: list[int]) -> None:
    labels = people(images)

    assert np.bincount(labels[attacked(labels, labels)]).tolist() == [0, 2, 0, 2]


def test_labels_of_one_image_are_left_out_and_the_rest_is_even() -> None:
    labels = people([1, 5, 2])

    chosen = several(labels, 4, np.ones(8, bool))

    assert np.bincount(labels[chosen]).tolist() == [0, 2, 2]
