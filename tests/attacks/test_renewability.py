import networkx
import numpy as np
import pytest
from fixture_types import UnitVectors
from hypothesis import given
from hypothesis.extra.numpy import arrays

from masquerade.attacks.renewability import FMR, System, distinct, independent

PLANE = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]], np.float32)
PAIRS = np.array([0, 0, 1, 1])


def graph(size: int, *edges: tuple[int, int]) -> np.ndarray:
    matches = np.eye(size, dtype=bool)
    for a, b in edges:
        matches[a, b] = matches[b, a] = True
    return matches


def test_a_path_of_five_has_three_that_do_not_match() -> None:
    assert independent(graph(5, (0, 1), (1, 2), (2, 3), (3, 4))) == 3


def test_a_star_has_all_but_its_centre() -> None:
    assert independent(graph(6, *((0, leaf) for leaf in range(1, 6)))) == 5


@pytest.mark.parametrize("size", [1, 4, 60])
def test_nothing_matches_or_everything_does(size: int) -> None:
    assert independent(np.eye(size, dtype=bool)) == size
    assert independent(np.ones((size, size), bool)) == 1


@given(arrays(bool, (12, 12)))
def test_set_is_not_larger_than_the_largest(drawn: np.ndarray) -> None:
    """Nor smaller than n / (mean degree + 1), which the row with the fewest matches guarantees (Turán, Wei)."""
    matches = drawn | drawn.T | np.eye(12, dtype=bool)
    cliques = networkx.find_cliques(networkx.from_numpy_array((~matches).astype(int)))

    assert 12 / matches.sum(axis=1).mean() <= independent(matches) <= max(len(clique) for clique in cliques)


def test_distinct_templates_by_hand() -> None:
    """Of (1, 0), (1, 0), (0, 1) two do not match; of three equal ones, one: 1.5 on average."""
    apart, equal = PLANE[[0, 1, 2]], PLANE[[0, 0, 0]]

    assert distinct([apart, equal], threshold=0.5) == 1.5


def test_genuine_share_by_hand() -> None:
    """Two people with two images each: four comparisons of a probe with the template of the other image. The first
    person's templates have stayed; one of the second's has moved to a right angle, and the probe of the other image no
    longer matches it: 3 of 4."""
    system = System(PLANE, PAIRS, PAIRS, threshold=0.5)
    moved = PLANE.copy()
    moved[3] = [1, 0]

    assert system.genuine(PLANE) == 1
    assert system.genuine(moved) == 0.75


def test_share_of_other_peoples_templates_by_hand() -> None:
    """Each probe of two people meets the two templates of the other. One of the second person's stands where the first
    is: both probes of the first match it, 2 of 8 comparisons."""
    system = System(PLANE, PAIRS, PAIRS, threshold=0.5)
    moved = PLANE.copy()
    moved[3] = [1, 0]

    assert system.non_mated(PLANE, np.random.default_rng(0)) == 0
    assert system.non_mated(moved, np.random.default_rng(0)) == 0.25


def test_row_by_hand() -> None:
    """d_emb is 2 for the one template at a right angle, 0 for three others."""
    system = System(PLANE, PAIRS, PAIRS, threshold=0.5)
    moved = PLANE.copy()
    moved[3] = [1, 0]

    row = system.row(moved, -PLANE)

    assert row["d_emb"] == 0.5
    assert (row["genuine"], row["revoked"]) == (0.75, 0)


def test_threshold_lets_one_impostor_in_a_hundred_pass(unit_vectors: UnitVectors) -> None:
    labels = np.arange(60) // 3
    vectors = unit_vectors(labels)

    system = System.of(vectors, labels, labels)

    assert 0 < system.comparison(vectors).rates.fmr(system.threshold) <= FMR


def test_valid_templates_match_and_turned_ones_do_not(unit_vectors: UnitVectors) -> None:
    labels = np.arange(120) // 6
    vectors = unit_vectors(labels, spread=0.1)
    system = System.of(vectors, labels, labels)
    rng = np.random.default_rng(0)
    turned = rng.normal(size=vectors.shape).astype(np.float32)
    turned /= np.linalg.norm(turned, axis=1, keepdims=True)

    valid, revoked = (system.submitted(each, 1.0, 50, 0.95, 7) for each in (vectors, turned))

    assert valid.value > 0.9
    assert valid.low <= valid.value <= valid.high
    assert valid.floor < 0.05
    assert not valid.holds
    assert revoked.value < 0.05
    assert FMR <= revoked.limit < 0.1
    assert revoked.holds


def test_what_a_stolen_key_unlocks_is_accepted_by_its_own_record() -> None:
    """Three of four renewed templates hold what the stolen ones held."""
    system = System(PLANE, PAIRS, np.arange(4), threshold=0.5)
    renewed = PLANE.copy()
    renewed[3] = [1, 0]

    its = system.presented(PLANE, renewed, 50, 0.95, 7)

    assert its.value == 0.75
    assert 0 <= its.low <= its.value <= its.high <= 1
    assert its.floor < 0.75
    assert its.ceiling == 1
