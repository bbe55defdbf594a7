import numpy as np
import pytest

from masquerade.errors import InputError
from masquerade.evaluation.matcher import Matcher

EAST, NORTH, WEST = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])[:, None]
NORTHEAST = np.array([[0.8, 0.6]])  # d_F to EAST 0.4, to NORTH 0.8


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
