import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from masquerade.attacks.linkability import bins_for, floor, linkability, local

scores = arrays(np.float64, st.integers(1, 60), elements=st.floats(-10, 10, width=32))


def test_two_bins_by_hand() -> None:
    """Mated scores: 1/4 and 3/4 in the two bins, non-mated: 3/4 and 1/4. Only the second has LR = 3 > 1, so D = 2·3/4 − 1 =
    1/2 and D_sys = 1/2 · 3/4 = 0.375. Σ max = 3/4 + 3/4, log₂ 1.5 = 0.585."""
    mated, non_mated = np.array([0.0, 0.9, 0.8, 1.0]), np.array([0.1, 0.2, 0.3, 0.7])

    found = linkability(mated, non_mated, bins=2)

    assert found.d_sys == pytest.approx(0.375)
    assert found.maximal == pytest.approx(np.log2(1.5))


def test_local_measure_by_hand() -> None:
    table = local(np.array([0.0, 0.9, 0.8, 1.0]), np.array([0.1, 0.2, 0.3, 0.7]), bins=2)

    assert table.index.tolist() == [0.25, 0.75]
    assert table["mated"].tolist() == [0.25, 0.75]
    assert table["non_mated"].tolist() == [0.75, 0.25]
    assert table["d"].tolist() == [0, 0.5]


@given(scores)
def test_equal_scores_are_unlinkable(same: np.ndarray) -> None:
    assert linkability(same, same.copy(), bins=10) == (0, pytest.approx(0))


def test_scores_apart_are_fully_linkable() -> None:
    found = linkability(np.linspace(0.9, 1, 50), np.linspace(0, 0.1, 80), bins=10)

    assert found == (pytest.approx(1), pytest.approx(1))


@given(scores, scores, st.integers(1, 20))
def test_measures_lie_between_0_and_1_and_do_not_depend_on_the_sign(
    mated: np.ndarray, non_mated: np.ndarray, bins: int
) -> None:
    found = linkability(mated, non_mated, bins)

    assert -1e-9 <= found.d_sys <= 1 + 1e-9
    assert -1e-9 <= found.maximal <= 1 + 1e-9


def test_two_normal_distributions_by_their_densities() -> None:
    """N(1, 1) against N(0, 1): LR > 1 above s = 1/2, so D_sys = ∫ (p − q)/(p + q)·p, and Σ max = 2·Φ(1/2) = 1.3829."""
    rng = np.random.default_rng(0)
    found = linkability(rng.normal(1, 1, 200_000), rng.normal(0, 1, 200_000), bins=100)
    s = np.linspace(0.5, 12, 100_001)
    p, q = (np.exp(-((s - mean) ** 2) / 2) / np.sqrt(2 * np.pi) for mean in (1, 0))

    assert found.d_sys == pytest.approx(np.trapezoid((p - q) / (p + q) * p, s), abs=0.005)
    assert found.maximal == pytest.approx(np.log2(2 * 0.69146), abs=0.005)


def test_floor_is_what_labels_by_lot_give(rng: np.random.Generator) -> None:
    """Few scores, many bins: above 0 though nothing can be linked; and far below what scores apart give."""
    mated, non_mated = rng.normal(size=60), rng.normal(size=400)
    by_lot = floor(mated, non_mated, bins=10, seed=7)
    apart = floor(mated + 100, non_mated, bins=10, seed=7)

    assert 0.01 < by_lot.d_sys < 0.2
    assert linkability(mated, non_mated, 10).d_sys == pytest.approx(by_lot.d_sys, abs=0.1)
    assert apart.d_sys < 0.1
    assert by_lot == floor(mated, non_mated, bins=10, seed=7)


def test_bins_follow_the_number_of_mated_scores() -> None:
    assert [bins_for(count) for count in (1, 9, 10, 123, 999, 1000, 5000)] == [1, 1, 1, 12, 99, 100, 100]
