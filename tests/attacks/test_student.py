import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masquerade.attacks.distillation import found, identified
from masquerade.attacks.people import attacked, others
from masquerade.attacks.student import clues, learn, sizes

RNG = np.random.default_rng(0)


def unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


REAL = unit(RNG.normal(size=(120, 6)))
KNOWN = np.arange(120) < 60
IMAGES = RNG.integers(0, 256, (120, 4, 4, 1), dtype=np.uint8)


def test_every_other_subject_is_attacked_if_it_has_several_images() -> None:
    people = np.array([7, 7, 9, 9, 12, 12, 30, 31, 32, 32])

    assert attacked(people, people).nonzero()[0].tolist() == [2, 3, 8, 9]  # 30 has but one


@pytest.mark.parametrize(("most", "each"), [(9, [3, 3, 2]), (6, [2, 2, 2]), (1, [2, 2, 2]), (99, [6, 4, 2])])
def test_no_more_images_than_can_be_compared_are_attacked(most: int, each: list[int]) -> None:
    """Attacked are the people 1, 3 and 5, who have six, four and two images."""
    people = np.random.default_rng(0).permutation(np.repeat([0, 1, 2, 3, 4, 5], [4, 6, 4, 4, 4, 2]))

    victims = attacked(people, people, most)

    assert [int(np.sum(people[victims] == person)) for person in (1, 3, 5)] == each
    assert victims.sum() == sum(each)


@pytest.mark.parametrize("people", [[1, 1, 2, 2, 3, 3], [1, 2, 2, 3, 4, 4], [1, 1, 2, 3, 3, 4]])
def test_nobody_is_attacked_where_there_are_too_few_people(people: list[int]) -> None:
    """One person with two images, two images of others, nobody with two images."""
    assert not attacked(np.array(people), np.array(people)).any()


@given(st.lists(st.integers(0, 9), min_size=30, max_size=60))
def test_no_person_is_on_both_sides(subjects: list[int]) -> None:
    array = np.array([*subjects, *range(10), *range(10)])
    victims, known = attacked(array, array), others(array)

    assert not set(array[victims]) & set(array[known])


def test_student_undoes_what_all_templates_share() -> None:
    """F(T) is F(X) turned by one rotation, the same for all: a linear map undoes it."""
    turned = unit(REAL @ np.linalg.qr(RNG.normal(size=(6, 6)))[0])

    read = learn(clues(IMAGES, turned, KNOWN), turned, REAL, np.flatnonzero(KNOWN))

    assert np.sum(read * REAL, axis=1)[~KNOWN].mean() > 0.9
    np.testing.assert_allclose(np.linalg.norm(read, axis=1), 1, atol=1e-6)


def test_student_keeps_what_is_right_already() -> None:
    read = learn(clues(IMAGES, REAL, KNOWN), REAL, REAL, np.flatnonzero(KNOWN))

    np.testing.assert_allclose(read, REAL, atol=1e-5)


def test_student_learns_nothing_from_noise() -> None:
    noise = unit(RNG.normal(size=(120, 6)))

    read = learn(clues(IMAGES, noise, KNOWN), noise, REAL, np.flatnonzero(KNOWN))

    assert abs(np.sum(read * REAL, axis=1)[~KNOWN].mean()) < 0.2


def test_student_reads_the_attacked_images_from_their_pixels() -> None:
    """F(T) says nothing, but six pixels show F(X)."""
    images = IMAGES.copy()
    images.reshape(120, 16)[:, :6] = np.round(100 * REAL + 128)

    noise = unit(RNG.normal(size=(120, 6)))
    read = learn(clues(images, noise, KNOWN), noise, REAL, np.flatnonzero(KNOWN))

    assert np.sum(read * REAL, axis=1)[~KNOWN].mean() > 0.4


def test_sizes_end_with_all_there_are() -> None:
    assert sizes([200, 100, 2000, 500], 500) == [100, 200, 500]
    assert sizes([100], 40) == [40]


def test_the_nearest_other_image_names_the_person() -> None:
    """What was read from template 0 is nearest to its own image, which does not count, and then to image 1."""
    gallery = unit(np.array([[1, 0], [1, 0.2], [0, 1], [0.2, 1]]))
    labels = np.array([5, 5, 8, 9])

    assert identified(gallery, gallery, labels).tolist() == [5, 5, 9, 8]


def test_rank_1_stands_beside_chance() -> None:
    """Three of four names are right. By chance, a name of two people with two images each is right every other time."""
    truth = np.array([5, 5, 8, 8])

    its = found(np.array([5, 5, 8, 5]), truth, np.arange(4), replicates=100, confidence=0.9, seed=7)

    assert its.value == 0.75
    assert its.low < 0.75 < its.high
    assert its.floor == pytest.approx(0.5, abs=0.03)
    assert its.limit == 0.75  # three right of four is the best that these names can do


def test_names_by_chance_are_within_the_limit() -> None:
    rng, truth = np.random.default_rng(1), np.arange(500) % 10

    its = found(rng.permutation(truth), truth, np.arange(500), replicates=50, confidence=0.95, seed=7)

    assert its.holds
    assert its.floor == pytest.approx(0.1, abs=0.01)
    assert not found(truth, truth, np.arange(500), replicates=50, confidence=0.95, seed=7).holds
