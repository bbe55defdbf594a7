import numpy as np
import pytest
from fixture_types import UnitVectors
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from masquerade.attacks.linkability import bins_for, floor, histograms, linkability, local, report
from masquerade.evaluation.pairs import compare

scores = arrays(np.float64, st.integers(1, 60), elements=st.floats(-10, 10, width=32))


def test_two_bins_by_hand() -> None:
    """Mated scores: 1/4 and 3/4 in the two bins, non-mated: 3/4 and 1/4. Only the second has LR = 3 > 1, so
    D = 2·3/4 − 1 = 1/2 and D_sys = 1/2 · 3/4 = 0.375. Σ max = 3/4 + 3/4, and log₂ 1.5 = 0.585."""
    mated, non_mated = np.array([0.0, 0.9, 0.8, 1.0]), np.array([0.1, 0.2, 0.3, 0.7])

    found = linkability(mated, non_mated, bins=2)

    assert found.d_sys == pytest.approx(0.375)
    assert found.maximal == pytest.approx(np.log2(1.5))


@pytest.mark.parametrize(("p", "q", "d"), [(0.75, 0.25, 0.5), (0.25, 0.75, 0), (0.2, 0, 1), (0, 0, 0), (0.3, 0.3, 0)])
def test_local_measure_by_hand(p: float, q: float, d: float) -> None:
    assert local(np.array([p]), np.array([q])).tolist() == [pytest.approx(d)]


@given(scores)
def test_equal_scores_are_unlinkable(same: np.ndarray) -> None:
    assert list(linkability(same, same.copy(), bins=10)) == pytest.approx([0, 0])


def test_scores_apart_are_fully_linkable() -> None:
    found = linkability(np.linspace(0.9, 1, 50), np.linspace(0, 0.1, 80), bins=10)

    assert list(found) == pytest.approx([1, 1])


@given(scores, scores, st.integers(1, 20))
def test_measures_lie_between_0_and_1(mated: np.ndarray, non_mated: np.ndarray, bins: int) -> None:
    found = linkability(mated, non_mated, bins)

    assert -1e-9 <= found.d_sys <= 1 + 1e-9
    assert -1e-9 <= found.maximal <= 1 + 1e-9


def test_two_normal_distributions_by_their_densities() -> None:
    """N(1, 1) against N(0, 1): LR > 1 above s = 1/2, so D_sys = ∫ (p − q)/(p + q)·p there, and Σ max = 2·Φ(1/2)."""
    rng = np.random.default_rng(0)
    found = linkability(rng.normal(1, 1, 200_000), rng.normal(0, 1, 200_000), bins=100)
    s = np.linspace(0.5, 12, 100_001)
    p, q = (np.exp(-((s - mean) ** 2) / 2) / np.sqrt(2 * np.pi) for mean in (1, 0))

    assert found.d_sys == pytest.approx(np.trapezoid((p - q) / (p + q) * p, s), abs=0.005)
    assert found.maximal == pytest.approx(np.log2(2 * 0.69146), abs=0.005)


def test_floor_is_what_labels_by_lot_give() -> None:
    """Few scores and many bins: above 0 though nothing can be linked, and the same for scores far apart."""
    rng = np.random.default_rng(0)
    mated, non_mated = rng.normal(size=60), rng.normal(size=400)
    pooled = np.concatenate([mated, non_mated])
    by_lot = [np.split(rng.permutation(pooled), [60]) for _ in range(400)]
    by_hand = [linkability(first, rest, bins=10).d_sys for first, rest in by_lot]

    found = floor(mated, non_mated, bins=10, seed=7)

    assert found.d_sys == pytest.approx(np.mean(by_hand), abs=0.02)
    assert 0.01 < found.d_sys < 0.2
    assert floor(mated + 100, non_mated, bins=10, seed=7).d_sys < 0.2
    assert found == floor(mated, non_mated, bins=10, seed=7)


def test_bins_follow_the_number_of_mated_scores() -> None:
    assert [bins_for(count) for count in (1, 9, 10, 123, 999, 1000, 5000)] == [1, 1, 1, 12, 99, 100, 100]


def test_vectors_of_people_are_linkable_and_noise_is_not(unit_vectors: UnitVectors) -> None:
    labels = np.arange(120) // 6
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(120, 8))
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)

    people, nobody = (
        report(compare(vectors, vectors, labels, labels), replicates=50, confidence=0.95, seed=7)
        for vectors in (unit_vectors(labels), noise)
    )

    assert people["n_mated"] == nobody["n_mated"] == 20 * 15
    assert people["n_non_mated"] == 190 * 36
    assert people["bins"] == 30
    assert people["d_sys"] > 0.5 > 0.2 > people["floor_d_sys"]
    assert people["coarse_d_sys_low"] < people["coarse_d_sys"] < people["coarse_d_sys_high"]
    assert nobody["d_sys"] == pytest.approx(nobody["floor_d_sys"], abs=0.05)
    assert nobody["eer"] == pytest.approx(0.5, abs=0.06)


def test_interval_of_the_sample_with_every_subject_once_is_the_estimate(
    unit_vectors: UnitVectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = np.arange(60) // 6
    vectors = unit_vectors(labels)
    monkeypatch.setattr(
        "masquerade.evaluation.bootstrap._multiplicities", lambda n, r, _: np.ones((n, r), dtype=np.float32)
    )

    found = report(compare(vectors, vectors, labels, labels), replicates=3, confidence=0.95, seed=7)

    for bound in ("coarse_d_sys_low", "coarse_d_sys_high"):
        assert found[bound] == pytest.approx(found["coarse_d_sys"], abs=0.01)


def test_histograms_sum_up_to_1(unit_vectors: UnitVectors) -> None:
    labels = np.arange(120) // 6
    vectors = unit_vectors(labels)

    table = histograms(compare(vectors, vectors, labels, labels))

    assert len(table) == 30
    assert table[["mated", "non_mated"]].sum().tolist() == [pytest.approx(1), pytest.approx(1)]
    assert table["d"].between(0, 1).all()
    assert table["d"].iloc[0] > 0.5 > table["d"].iloc[-1]
