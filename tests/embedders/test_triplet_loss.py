import keras
import numpy as np
import pytest
import tensorflow as tf

from masquerade.embedders.triplet_loss import TripletLoss

A, P = [1.0, 0.0], [0.6, 0.8]  # d(A, P) = 2 − 2·0.6 = 0.8
NEAR = [0.8, 0.6]  # d(A, NEAR) = 0.4, d(P, NEAR) = 2 − 2·(0.48 + 0.48) = 0.08
FAR = [0.55, -(0.6975**0.5)]  # d(A, FAR) = 0.9, d(P, FAR) = 2 − 2·(0.33 − 0.66813) = 2.67626


def loss(labels: list[int], vectors: list[list[float]], mining: str, margin: float = 0.2, seed: int = 0) -> float:
    return float(TripletLoss(margin, mining, seed)(np.array(labels), np.array(vectors, dtype="float32")))


@pytest.mark.parametrize(
    ("mining", "expected"),
    [
        # (A, P, NEAR): 0.8 − 0.4 + 0.2 = 0.6; (P, A, NEAR): 0.8 − 0.08 + 0.2 = 0.92; NEAR has no positive.
        ("all", (0.6 + 0.92) / 2),
        ("random", (0.6 + 0.92) / 2),
        # Both negatives are nearer than the positive.
        ("semi_hard", 0),
    ],
)
def test_hard_negative(mining: str, expected: float) -> None:
    assert loss([0, 0, 1], [A, P, NEAR], mining) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("mining", "expected"),
    [
        # (A, P, FAR): 0.8 − 0.9 + 0.2 = 0.1; (P, A, FAR): 0.8 − 2.68 + 0.2 < 0 does not violate the margin and
        # is not averaged in, except by Algorithm 1, which takes one triplet an anchor whatever it says.
        ("all", 0.1),
        ("semi_hard", 0.1),
        ("random", 0.1 / 2),
    ],
)
def test_semi_hard_negative(mining: str, expected: float) -> None:
    assert loss([0, 0, 1], [A, P, FAR], mining) == pytest.approx(expected, abs=1e-5)


def test_semi_hard_leaves_out_the_nearer_negative() -> None:
    # d(NEAR, FAR) = 2 − 2·(0.44 − 0.50111) = 2.122; both are of class 1.
    # Anchor A: (A, P, NEAR) 0.6 hard, (A, P, FAR) 0.1 semi-hard. Anchor P: (P, A, NEAR) 0.92 hard, (P, A, FAR) 0.
    # Anchor NEAR: positive at 2.122, negatives at 0.4 and 0.08 hard: 1.922 and 2.242.
    # Anchor FAR: positive at 2.122, negatives at 0.9 hard (1.422) and 2.676 beyond the margin (0).
    cosine = 0.8 * 0.55 - 0.6 * 0.6975**0.5
    between = 2 - 2 * cosine
    every = [0.6, 0.1, 0.92, between - 0.4 + 0.2, between - 0.08 + 0.2, between - 0.9 + 0.2]

    assert loss([0, 0, 1, 1], [A, P, NEAR, FAR], "semi_hard") == pytest.approx(0.1, abs=1e-5)
    assert loss([0, 0, 1, 1], [A, P, NEAR, FAR], "all") == pytest.approx(np.mean(every), abs=1e-5)


def test_random_draws_one_positive_and_one_negative_an_anchor() -> None:
    # Anchors A and P have one positive and two negatives, NEAR and FAR likewise: 2⁴ outcomes of one batch.
    between = 2 - 2 * (0.8 * 0.55 - 0.6 * 0.6975**0.5)
    options = [[0.6, 0.1], [0.92, 0], [between - 0.2, between + 0.12], [between - 0.7, 0]]
    outcomes = {round(float(sum(drawn)) / 4, 3) for drawn in np.stack(np.meshgrid(*options), -1).reshape(-1, 4)}

    drawn = {round(loss([0, 0, 1, 1], [A, P, NEAR, FAR], "random", seed=seed), 3) for seed in range(40)}

    assert drawn <= outcomes
    assert len(drawn) > 6


def test_random_mining_is_seeded_and_goes_on(rng: np.random.Generator) -> None:
    vectors = rng.normal(size=(16, 4))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype("float32")
    labels = np.repeat(np.arange(4), 4)
    runs = []
    for seed in (1, 1, 2):
        function = TripletLoss(0.2, "random", seed)
        runs.append([float(function(labels, vectors)) for _ in range(3)])

    assert runs[0] == runs[1] != runs[2]
    assert len(set(runs[0])) == 3


@pytest.mark.parametrize("mining", ["all", "semi_hard", "random"])
@pytest.mark.parametrize("labels", [[0, 1, 2], [0, 0, 0]])
def test_batch_without_a_triplet_gives_0_and_a_finite_gradient(mining: str, labels: list[int]) -> None:
    vectors = tf.Variable([A, P, FAR])
    function = TripletLoss(0.2, mining)
    with tf.GradientTape() as tape:
        value = function(np.array(labels), vectors)
    gradient = keras.ops.convert_to_numpy(tape.gradient(value, vectors))

    assert float(value) == 0
    np.testing.assert_array_equal(gradient, np.zeros((3, 2)))


@pytest.mark.parametrize("mining", ["all", "semi_hard", "random"])
def test_equal_vectors_give_no_nan(mining: str) -> None:
    # Every distance is 0: every triplet violates the margin by μ, none is semi-hard (no negative is farther).
    expected = 0 if mining == "semi_hard" else 0.2
    vectors = tf.Variable(4 * [A])
    with tf.GradientTape() as tape:
        value = TripletLoss(0.2, mining)(np.array([0, 0, 1, 1]), vectors)

    assert float(value) == pytest.approx(expected, abs=1e-6)
    assert np.all(np.isfinite(keras.ops.convert_to_numpy(tape.gradient(value, vectors))))


@pytest.mark.parametrize("mining", ["all", "semi_hard", "random"])
def test_separated_classes_have_no_loss(mining: str) -> None:
    assert loss([0, 0, 1, 1], [A, A, [-1.0, 0.0], [-1.0, 0.0]], mining) == 0
