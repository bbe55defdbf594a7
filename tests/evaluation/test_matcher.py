import numpy as np
import pytest

from masquerade.errors import InputError
from masquerade.evaluation import matcher
from masquerade.evaluation.matcher import Matcher

EAST, NORTH, WEST = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])[:, None]
NORTHEAST = np.array([[0.8, 0.6]])  # d_F to EAST 0.4, to NORTH 0.8
EAST_OF_FOUR = np.array([[1.0, 0.0, 0.0, 0.0]])


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture
def system() -> Matcher:
    system = Matcher(threshold=0.5)
    system.enroll("Ann", EAST)
    system.enroll("Bo", NORTH)
    return system


def test_claim_is_compared_with_the_nearest_template_of_that_identity_alone(system: Matcher) -> None:
    assert system.verify("Ann", np.concatenate([EAST, NORTHEAST, NORTH])).tolist() == [True, True, False]
    assert system.verify("Bo", np.concatenate([EAST, NORTHEAST, NORTH])).tolist() == [False, False, True]

    system.enroll("Bo", NORTHEAST)
    assert system.verify("Bo", np.concatenate([EAST, NORTHEAST, NORTH])).tolist() == [True, True, True]


def test_distance_at_the_threshold_still_matches() -> None:
    system = Matcher(threshold=2.0)
    system.enroll("Ann", EAST)

    assert system.verify("Ann", np.concatenate([NORTH, WEST])).tolist() == [True, False]


def test_identification_names_the_nearest_or_nobody(system: Matcher) -> None:
    probes = np.concatenate([NORTHEAST, NORTHEAST[:, ::-1], WEST])

    assert system.identify(probes) == ["Ann", "Bo", None]
    assert Matcher(4.0).identify(probes) == [None, None, None]


def test_distances_are_to_each_template_in_the_order_of_enrolment(system: Matcher) -> None:
    system.enroll("Ann", np.concatenate([NORTH, WEST]))

    np.testing.assert_allclose(system.distances("Ann", NORTHEAST), [[0.4, 0.8, 3.6]], atol=1e-6)


def test_unknown_identity_and_empty_enrolment_are_refused(system: Matcher) -> None:
    with pytest.raises(InputError, match="identity Cy is not enrolled"):
        system.verify("Cy", EAST)
    with pytest.raises(InputError, match="identity Cy cannot be enrolled without a template"):
        system.enroll("Cy", np.empty((0, 2)))
    with pytest.raises(InputError, match="identity Cy is not enrolled"):
        system.distances("Cy", EAST)


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matcher, "ROWS", 7)


@pytest.mark.usefixtures("small_blocks")
def test_many_blocks_find_what_all_distances_say(rng: np.random.Generator) -> None:
    templates = unit(rng.normal(size=(60, 4)))
    owners = [f"person {number % 25}" for number in range(60)]
    system = Matcher(4.0)
    for start in range(0, 60, 11):
        system.enroll_all(owners[start : start + 11], templates[start : start + 11])
    system.remove("person 3")
    system.remove("person 24")
    system.remove("person 3")
    system.enroll("person 24", EAST_OF_FOUR)
    kept = [row for row in range(60) if owners[row] not in ("person 3", "person 24")]
    templates, owners = np.concatenate([templates[kept], EAST_OF_FOUR]), [owners[row] for row in kept] + ["person 24"]

    probes = unit(rng.normal(size=(130, 4)))
    found = system.nearest(probes, count=5)

    assert len(system) == len(templates) == 56
    for owner in ("person 0", "person 10", "person 24"):
        own = templates[[row for row, each in enumerate(owners) if each == owner]]
        expected = np.sort(((probes[:, None] - own) ** 2).sum(axis=2), axis=1)
        np.testing.assert_allclose(np.sort(system.distances(owner, probes), axis=1), expected, atol=1e-5)
    for probe, its in zip(probes, found, strict=True):
        least = dict.fromkeys(owners, np.inf)
        for owner, distance in zip(owners, ((templates - probe) ** 2).sum(axis=1), strict=True):
            least[owner] = min(least[owner], distance)
        best = sorted(least, key=least.__getitem__)[:5]
        assert [owner for owner, _ in its] == best
        np.testing.assert_allclose([distance for _, distance in its], [least[owner] for owner in best], atol=1e-5)
    assert len(system.nearest(probes[:1], count=1000)[0]) == 24


@pytest.mark.usefixtures("small_blocks")
def test_enrolment_moves_no_vector_that_is_there(rng: np.random.Generator) -> None:
    system = Matcher(4.0)
    system.enroll_all(range(10), unit(rng.normal(size=(10, 4))))
    before = [block.ctypes.data for block in system._blocks]
    system.enroll_all(range(10, 50), unit(rng.normal(size=(40, 4))))

    assert [block.ctypes.data for block in system._blocks[:2]] == before
    assert system.nearest(rng.normal(size=(1, 4)), count=0) == [[]]
