from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from fixture_types import UnitVectors
from hypothesis import given
from hypothesis import strategies as st

from masquerade.attacks.key_recovery import (
    Scope,
    Unlocked,
    Victims,
    breaks_at,
    cosines,
    found,
    linked,
    numbers_of_pairs,
    recover,
    rotations,
    rows,
    unlocked,
)
from masquerade.evaluation.pairs import Comparison
from masquerade.lock import Components

RIGHT_ANGLE = np.array([[0.0, -1.0], [1.0, 0.0]])


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def a_rotation(dimension: int, seed: int) -> np.ndarray:
    return next(rotations(1, dimension, seed))


def test_two_pairs_in_the_plane_by_hand() -> None:
    """(1, 0) has become (0, 1), and (0, 1) has become (−1, 0): a right angle."""
    np.testing.assert_allclose(recover(np.eye(2), np.array([[0.0, 1.0], [-1.0, 0.0]])), RIGHT_ANGLE, atol=1e-12)


def test_one_pair_gives_one_direction_and_leaves_out_the_rest() -> None:
    """(1, 0) has become (0, 1): R̂ = (0, 1)ᵀ(1, 0). Of the locked code (0.6, 0.8) it leaves 0.8 towards (1, 0)."""
    recovered = recover(np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]]))

    np.testing.assert_allclose(recovered, [[0, 0], [1, 0]], atol=1e-12)
    np.testing.assert_allclose(unlocked(recovered, np.array([[0.6, 0.8]])), [[1, 0]], atol=1e-12)


@given(st.integers(2, 12), st.integers(0, 20), st.integers(0, 1000))
def test_exact_pairs_give_the_key_as_soon_as_they_fill_the_space(dimension: int, more: int, seed: int) -> None:
    codes = unit(np.random.default_rng(seed).normal(size=(dimension + more, dimension)))
    key = a_rotation(dimension, seed)

    np.testing.assert_allclose(recover(codes, codes @ key.T), key, atol=1e-6)


@given(st.integers(2, 12), st.integers(0, 1000))
def test_fewer_pairs_unlock_what_lies_between_them_exactly(dimension: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    codes = unit(rng.normal(size=(dimension - 1, dimension)))
    key = a_rotation(dimension, seed)
    between = unit(rng.normal(size=(3, dimension - 1)) @ codes)

    np.testing.assert_allclose(unlocked(recover(codes, codes @ key.T), between @ key.T), between, atol=1e-6)


@given(st.integers(1, 8), st.integers(0, 1000))
def test_rotations_are_orthogonal(dimension: int, seed: int) -> None:
    its = a_rotation(dimension, seed)

    np.testing.assert_allclose(its @ its.T, np.eye(dimension), atol=1e-9)


def test_numbers_of_pairs_double_up_to_all_and_name_the_components() -> None:
    assert numbers_of_pairs(40, 10) == [1, 2, 4, 8, 10, 16, 32, 40]
    assert numbers_of_pairs(40, 64) == [1, 2, 4, 8, 16, 32, 40]
    assert numbers_of_pairs(8, 4) == [1, 2, 4, 8]
    assert numbers_of_pairs(1, 3) == [1]


def test_finding_of_the_right_and_of_a_wrong_key_by_hand() -> None:
    """Under R̂ = R every cosine is 1. Under the identity the locked code stands at a right angle to the code: 0."""
    codes = np.array([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]])
    locked = codes @ RIGHT_ANGLE.T

    right, wrong = (
        found(key, codes, locked, np.arange(3), replicates=20, confidence=0.95, seed=7, ceiling=1.0)
        for key in (RIGHT_ANGLE, np.eye(2))
    )

    assert right[:3] == pytest.approx((1, 1, 1))
    assert wrong[:3] == pytest.approx((0, 0, 0), abs=1e-9)
    assert right.floor == wrong.floor == pytest.approx(0, abs=0.2)  # one rotation in the plane is as good as any
    assert not right.holds or right.limit == pytest.approx(1, abs=0.01)


def test_table_says_where_the_key_breaks() -> None:
    """Means of the draws: 0.2 and 0.4 make 0.3. 0.06 is the first EER within a point of 0.05."""
    table = rows(
        {
            ("system", 1): [Unlocked(0.1, 0.2, 0.5), Unlocked(0.3, 0.4, 0.1)],
            ("system", 2): [Unlocked(0.8, 0.06, 0.8)],
            ("system", 4): [Unlocked(0.9, 0.05, 0.9)],
            ("record", 1): [Unlocked(0.0, 0.5, 0.0)],
        },
        Unlocked(0.99, 0.05, 0.95),
    )

    assert table.xs("system")[["cosine", "eer", "d_sys"]].iloc[0].tolist() == pytest.approx([0.2, 0.3, 0.3])
    assert table.xs("system")["found"].tolist() == [False, True, True]
    assert breaks_at(table, "system") == 2
    assert breaks_at(table, "record") is None
    assert set(table["right_key_eer"]) == {0.05}
    assert set(table["right_key_d_sys"]) == {0.95}


def test_linkability_of_two_sets_of_scores_by_hand() -> None:
    """Mated at distances 0 and 4, non-mated at 0, 4, 4 and 4, in two bins: D is (1/2 − 1/4)/(1/2 + 1/4) in the near
    one and 0 in the far one, so D_sys = 1/3 · 1/2."""
    scores = SimpleNamespace(genuine=np.array([0.0, 4.0]), impostor=np.array([0.0, 4.0, 4.0, 4.0]))

    assert linked(cast(Comparison, scores)) == pytest.approx(1 / 6)


@pytest.fixture
def people(unit_vectors: UnitVectors) -> Victims:
    """40 people, the second 20 of them attacked."""
    labels = np.arange(160) // 4
    return Victims(unit_vectors(labels, spread=0.3), labels, labels, labels >= 20, labels < 20)


def test_one_key_for_all_breaks_and_a_key_each_does_not(people: Victims) -> None:
    """Pairs without an error of painting: eight of them, as many as there are dimensions, give the key."""
    own = np.stack(list(rotations(160, 8, seed=1)))
    locked: dict[Scope, np.ndarray] = {
        "system": people.probes @ a_rotation(8, 0).T,
        "record": np.einsum("nij,nj->ni", own, people.probes),
    }

    space = Components(np.eye(8), np.ones(8))
    table, finding = people.attack(space, people.probes, locked, "record", 20, 0.95, 7)
    _, of_system = people.attack(space, people.probes, locked, "system", 20, 0.95, 7)

    system, record = table.xs("system"), table.xs("record")
    assert system["cosine"][8] == pytest.approx(1)
    assert system["cosine"][1] < 0.9
    assert system["d_sys"][8] == pytest.approx(table["right_key_d_sys"].iloc[0])
    assert system["d_sys"][8] > 0.5
    assert record["d_sys"].max() < 0.2
    assert breaks_at(table, "system") in (2, 4, 8)
    assert breaks_at(table, "record") is None
    assert finding.value == pytest.approx(record["cosine"][80])
    assert abs(finding.value) < 0.15
    assert 0 < finding.limit < 0.3
    assert finding.holds
    assert of_system.value == pytest.approx(1)
    assert not of_system.holds
    assert finding.ceiling == pytest.approx(1)
    assert finding.ceiling == pytest.approx(table["right_key_cosine"].iloc[0])


def test_without_a_key_nothing_needs_to_be_found(people: Victims) -> None:
    table = people.without_key(people.probes)

    assert table.index.tolist() == [("none", 0)]
    assert table["cosine"].tolist() == [pytest.approx(1)]
    assert table["found"].tolist() == [True]
    assert table["d_sys"].tolist() == table["right_key_d_sys"].tolist()


def test_cosines_are_of_rows() -> None:
    np.testing.assert_allclose(cosines(np.eye(2), np.array([[0.6, 0.8], [0.6, 0.8]])), [0.6, 0.8])
