import numpy as np
import pytest
from fixture_types import UnitVectors
from hypothesis import given
from hypothesis import strategies as st

from masquerade.attacks.oracles import (
    QUERIES,
    ROUNDED,
    STEPS,
    Attacker,
    Guesses,
    guesses,
    principal_directions,
    score_probes,
    solve,
    walk,
)
from masquerade.evaluation.pairs import squared_distances

NOBODY = np.array([-1])


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def test_scores_of_two_probes_by_hand() -> None:
    """u = (0.6, 0.8): d to (1, 0) is 2 − 2·0.6 = 0.8, to (0, 1) it is 2 − 2·0.8 = 0.4."""
    np.testing.assert_allclose(solve(np.eye(2), np.array([[0.8, 0.4]])), [[0.6, 0.8]])


def test_one_score_gives_the_direction_of_its_probe() -> None:
    """The shortest vector with ⟨u, p⟩ = 0.6 is 0.6·p."""
    np.testing.assert_allclose(solve(np.eye(2)[:1], np.array([[0.8]])), [[1, 0]])


@given(st.integers(2, 10), st.integers(1, 5), st.integers(0, 1000))
def test_as_many_exact_scores_as_dimensions_give_the_vector(dimension: int, templates: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    targets = unit(rng.normal(size=(templates, dimension)))
    probes = np.linalg.qr(rng.normal(size=(dimension, dimension)))[0]

    np.testing.assert_allclose(solve(probes, 2 - 2 * targets @ probes.T), targets, atol=1e-9)


def test_walk_in_the_plane_by_hand() -> None:
    """u at 0°, accepted up to 60° (d = 2 − 2·cos 60° = 1). The guess (0, 1) is rejected, the one at 45° accepted. The
    arc of what is accepted is −60° to 60°, and its middle is u: one direction, two ends, 2·STEPS answers."""
    tried = Guesses(np.array([[0, 1], [np.sqrt(0.5), np.sqrt(0.5)]], np.float32), np.array([-1, -1]))

    walked = walk(np.array([[1.0, 0.0]]), np.array([0]), tried, np.eye(2), threshold=1.0)

    assert walked.accepted.tolist() == [2]
    assert walked.distances[0] == pytest.approx([2, 2 - np.sqrt(2), 0], abs=1e-5)
    assert walked.after(1)[0] == pytest.approx(2)
    assert walked.after(2)[0] == walked.after(1 + 2 * STEPS)[0] == pytest.approx(2 - np.sqrt(2), abs=1e-5)
    assert walked.after(2 + 2 * STEPS)[0] == walked.after(10_000)[0] == pytest.approx(0, abs=1e-5)


def test_guesses_of_the_templates_own_label_are_not_submitted() -> None:
    """The second template may not be guessed by the first guess: for it, the second guess is the first that counts."""
    tried = Guesses(np.array([[1, 0], [1, 0]], np.float32), np.array([7, 3]))

    walked = walk(np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([3, 7]), tried, np.eye(2), threshold=0.5)

    assert walked.accepted.tolist() == [1, 1]


def test_a_verifier_that_never_accepts_gives_nothing() -> None:
    tried = Guesses(np.array([[-1, 0]], np.float32), NOBODY)

    walked = walk(np.array([[1.0, 0.0]]), np.array([0]), tried, np.eye(2), threshold=1.0)

    assert walked.accepted[0] > max(QUERIES)
    assert walked.after(max(QUERIES)).tolist() == [4]


@given(st.integers(2, 8), st.integers(0, 1000))
def test_walk_finds_any_vector_from_any_accepted_guess(dimension: int, seed: int) -> None:
    """What the bisections leave of each of seven angles is less than π/2¹¹; squared, 7·(π/2¹¹)² = 1.6·10⁻⁵."""
    rng = np.random.default_rng(seed)
    target = unit(rng.normal(size=(1, dimension)))
    guess = unit(target + 0.3 * unit(rng.normal(size=(1, dimension)))).astype(np.float32)
    directions = principal_directions(rng.normal(size=(30, dimension)))

    walked = walk(target, np.array([0]), Guesses(guess, NOBODY), directions, threshold=0.8)

    assert walked.accepted.tolist() == [1]
    assert walked.distances.shape == (1, dimension + 1)
    assert np.all(np.diff(walked.distances[0, 1:]) < 1e-4)  # never farther
    assert walked.distances[0, -1] < 1e-4


@given(st.integers(1, 30), st.integers(1, 60))
def test_guesses_are_other_people_first_and_then_drawn(people: int, count: int) -> None:
    public = unit(np.random.default_rng(0).normal(size=(people, 4)))

    tried = guesses(public, np.arange(people), count, seed=7)

    assert tried.vectors.shape == (count, 4)
    np.testing.assert_allclose(np.linalg.norm(tried.vectors, axis=1), 1, rtol=1e-5)
    known = min(people, count)
    assert len(set(tried.labels[:known])) == known
    np.testing.assert_allclose(tried.vectors[:known], public[tried.labels[:known]], atol=1e-6)
    assert np.all(tried.labels[known:] == -1)


@pytest.mark.parametrize("people", [1, 5, 50])
def test_probes_fill_all_dimensions_even_if_few_people_are_known(people: int) -> None:
    public = unit(np.random.default_rng(0).normal(size=(people, 12)))

    probes = score_probes(public, 18, seed=7)

    assert np.linalg.matrix_rank(probes) == 12
    assert min(9, people) == sum(np.isclose(probes @ public.T, 1).any(axis=1))


def test_principal_directions_are_a_basis_with_the_widest_first() -> None:
    public = np.random.default_rng(0).normal(size=(5, 8)) * [0.1, 0.1, 3, 0.1, 0.1, 0.1, 0.1, 0.1]

    directions = principal_directions(public)

    np.testing.assert_allclose(directions @ directions.T, np.eye(8), atol=1e-9)
    assert abs(directions[0, 2]) > 0.95


def test_scores_give_every_template_away_and_few_answers_none(unit_vectors: UnitVectors) -> None:
    labels = np.arange(120) // 4
    vectors = unit_vectors(labels, spread=0.1, dimension=12)
    known = labels < 15
    attacker = Attacker.with_images(vectors[known], labels[known], seed=7)
    threshold = 0.2

    table, finding = attacker.attack(
        vectors[~known], labels[~known], labels[~known], threshold, replicates=20, confidence=0.95, seed=7
    )

    assert finding.value == finding.low == finding.high == 1
    assert finding.floor <= finding.limit < 0.5
    assert not finding.holds
    exact, rounded, answers = (table.xs(oracle) for oracle in ("scores", ROUNDED, "answers"))
    assert exact["d_f"][18] == pytest.approx(0, abs=1e-6)
    assert rounded["verifies"][18] == 1
    assert max(rounded["verifies"][5], answers["verifies"][5]) < 0.5
    assert answers["near"].is_monotonic_increasing
    by_hand = squared_distances(vectors[~known], attacker.guesses.vectors[:18]) <= threshold
    assert finding.floor == by_hand.any(axis=1).mean()
