import numpy as np
import pytest
from fixture_types import UnitVectors
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from masquerade.attacks.linkability import HARMLESS, Scores, bins_for, link, local, measured

counts = arrays(np.float64, st.just(12), elements=st.integers(0, 50))
LABELS = np.arange(120) // 6


def noise(seed: int) -> np.ndarray:
    """Unit vectors (120, 8) of nobody."""
    vectors = np.random.default_rng(seed).normal(size=(120, 8))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_two_bins_by_hand() -> None:
    """Mated scores: 1/4 and 3/4 in the two bins, non-mated: 3/4 and 1/4. Only the second has LR = 3 > 1, so
    D = 2·3/4 − 1 = 1/2 and D_sys = 1/2 · 3/4 = 0.375. Σ max = 3/4 + 3/4, and log₂ 1.5 = 0.585."""
    found = measured(np.array([0.25, 0.75]), np.array([0.75, 0.25]))

    assert found.d_sys == pytest.approx(0.375)
    assert found.maximal == pytest.approx(np.log2(1.5))


def test_eer_is_where_the_shares_meet() -> None:
    """Mated 3/4 in the near bin, non-mated 1/4: at its end FMR = 1/4 and FNMR = 1/4."""
    assert measured(np.array([0.75, 0.25]), np.array([0.25, 0.75])).eer == pytest.approx(0.25)


@pytest.mark.parametrize(("p", "q", "d"), [(0.75, 0.25, 0.5), (0.25, 0.75, 0), (0.2, 0, 1), (0, 0, 0), (0.3, 0.3, 0)])
def test_local_measure_by_hand(p: float, q: float, d: float) -> None:
    assert local(np.array([p]), np.array([q])).tolist() == [pytest.approx(d)]


@given(counts)
def test_equal_scores_are_unlinkable(same: np.ndarray) -> None:
    p = (same + 1) / (same + 1).sum()

    assert list(measured(p, p)) == pytest.approx([0, 0, 0.5])


def test_scores_apart_are_fully_linkable() -> None:
    assert list(measured(np.array([1.0, 0.0]), np.array([0.0, 1.0]))) == pytest.approx([1, 1, 0])


@given(counts, counts)
def test_measures_lie_between_0_and_1(mated: np.ndarray, non_mated: np.ndarray) -> None:
    found = measured(*((each + 1e-3) / (each + 1e-3).sum() for each in (mated, non_mated)))

    assert all(-1e-9 <= value <= 1 + 1e-9 for value in found)


def test_two_normal_distributions_by_their_densities() -> None:
    """N(1, 1) against N(0, 1): LR > 1 above s = 1/2, so D_sys = ∫ (p − q)/(p + q)·p there, and Σ max = 2·Φ(1/2)."""
    s = np.linspace(-9, 10, 1_001)
    p, q = (np.exp(-((s - mean) ** 2) / 2) / np.sqrt(2 * np.pi) * (s[1] - s[0]) for mean in (1, 0))
    above = s > 0.5

    found = measured(p, q)

    assert found.d_sys == pytest.approx(np.sum(((p - q) / (p + q) * p)[above]), abs=1e-6)
    assert found.maximal == pytest.approx(np.log2(2 * 0.69146), abs=1e-4)


def test_bins_follow_the_number_of_mated_scores() -> None:
    assert [bins_for(count) for count in (1, 9, 10, 123, 999, 1000, 5000)] == [2, 2, 2, 12, 99, 100, 100]


def test_scores_of_four_templates_by_hand() -> None:
    """Two people with two templates each, at right angles or equal: distance 0 twice (mated), 2 four times."""
    scores = Scores(np.array([[1.0, 0], [1, 0], [0, 1], [0, 1]]), np.array([5, 5, 7, 7]))
    scores_of_chance = scores.shares(np.array([5, 7, 5, 7]))

    assert (scores.mated, scores.non_mated, scores.bins) == (2, 4, 2)
    assert scores.edges.tolist() == [0, 1, 2]
    assert [share.tolist() for share in scores.shares()] == [[1, 0], [0, 1]]
    assert [share.tolist() for share in scores_of_chance] == [[0, 1], [0.5, 0.5]]


def test_shares_count_each_pair_once(unit_vectors: UnitVectors) -> None:
    vectors = unit_vectors(LABELS)
    scores = Scores(vectors, LABELS)
    distances = ((vectors[:, None] - vectors) ** 2).sum(axis=2)
    row, column = np.triu_indices(120, 1)
    mated = LABELS[row] == LABELS[column]

    for share, chosen in zip(scores.shares(), (mated, ~mated), strict=True):
        expected = np.histogram(distances[row, column][chosen], scores.edges)[0]
        np.testing.assert_allclose(share * chosen.sum(), expected, atol=1.5)  # a score on an edge may be rounded


def test_people_are_linkable_and_noise_is_not(unit_vectors: UnitVectors) -> None:
    people, nobody = (
        link([{"F": vectors, "noise": noise(1)}], LABELS, LABELS, replicates=50, confidence=0.95, seed=7)
        for vectors in (unit_vectors(LABELS), noise(0))
    )
    table, histograms, finding = people

    assert [table[name]["F"] for name in ("n_mated", "n_non_mated", "bins", "draws")] == [20 * 15, 190 * 36, 30, 1]
    assert not finding.holds
    assert finding.low < finding.value < finding.high
    assert finding.value > 0.5 > 0.2 > finding.floor
    assert finding.limit >= finding.floor + HARMLESS
    assert histograms[["mated", "non_mated"]].sum().tolist() == [pytest.approx(1), pytest.approx(1)]
    local_measure = histograms["d"].to_numpy()
    assert local_measure[0] > 0.5 > local_measure[-1]
    assert nobody[2].holds
    assert nobody[0].loc["F", "eer"] == pytest.approx(0.5, abs=0.06)


def test_the_best_score_counts(unit_vectors: UnitVectors) -> None:
    both = {"noise": noise(0), "F": unit_vectors(LABELS)}

    table, _, finding = link([both], LABELS, LABELS, replicates=10, confidence=0.95, seed=7)

    assert finding.value == table["d_sys"]["F"] > table["d_sys"]["noise"]


def test_means_over_several_draws_of_the_keys_count(unit_vectors: UnitVectors) -> None:
    draws = [{"F": noise(0)}, {"F": unit_vectors(LABELS)}]
    single = [link([draw], LABELS, LABELS, 10, 0.95, 7)[0].loc["F"] for draw in draws]

    table, _, finding = link(draws, LABELS, LABELS, replicates=200, confidence=0.95, seed=7)

    assert table.loc["F", "draws"] == 2
    assert finding.value == pytest.approx((single[0]["d_sys"] + single[1]["d_sys"]) / 2)
    assert finding.floor == pytest.approx(single[0]["floor_d_sys"])  # of a single score
    assert (finding.low, finding.high) == pytest.approx((single[0]["d_sys"], single[1]["d_sys"]))


def test_floor_permutes_the_labels_of_templates() -> None:
    """It is what templates of nobody give, and the same for people."""
    by_hand = [Scores(noise(seed), LABELS).measured.d_sys for seed in range(40)]

    assert Scores(noise(50), LABELS).by_chance(7).d_sys.mean() == pytest.approx(np.mean(by_hand), abs=0.01)
    assert Scores(noise(50), LABELS).by_chance(7).d_sys.std() > 0


def test_sample_with_every_subject_once_is_the_estimate(
    unit_vectors: UnitVectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "masquerade.attacks.linkability.multiplicities", lambda n, r, _: np.ones((n, r), dtype=np.float32)
    )
    scores = Scores(unit_vectors(LABELS), LABELS)

    assert scores.resampled(LABELS, 3, 7).d_sys == pytest.approx([float(scores.measured.d_sys)] * 3)


def test_resampled_subjects_count_as_often_as_they_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Subjects a (labels 0), b, c: weights 2, 1, 0. Pairs: a–a once for each copy, 2; a–b 2·1 for each pair of images;
    none with c."""
    vectors = np.array([[1.0, 0], [0.8, 0.6], [0, 1.0], [-1.0, 0]])
    monkeypatch.setattr(
        "masquerade.attacks.linkability.multiplicities", lambda n, r, _: np.array([[2], [1], [0]], dtype=np.float32)
    )
    scores = Scores(vectors, np.array([0, 0, 1, 2]))
    scores.bins, scores.bin_of = 2, np.array([[0, 0, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 0]], np.uint8)

    found = scores.resampled(np.array([0, 0, 1, 2]), 1, 7)

    # mated: bin 0 has all; non-mated: a1–b in bin 0 and a2–b in bin 1, 2 each: 1/2 and 1/2
    assert found.d_sys.tolist() == pytest.approx([(1 - 0.5) / (1 + 0.5)])
