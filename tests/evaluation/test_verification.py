from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.metrics import auc, roc_auc_score, roc_curve

from masquerade.evaluation.verification import crossing, d_prime, rates

GENUINE = np.array([0.1, 0.3, 0.6])
IMPOSTOR = np.array([0.4, 0.7, 0.9])
scores = st.lists(st.integers(0, 40), min_size=1, max_size=30).map(lambda numbers: np.array(numbers, dtype=float))


def every_point(genuine: np.ndarray, impostor: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Thresholds, FMR and FNMR of the whole curve, by scikit-learn: slow, and there is nothing to get wrong."""
    mated = np.repeat([True, False], [len(genuine), len(impostor)])
    fmr, tmr, thresholds = roc_curve(mated, -np.concatenate([genuine, impostor]), drop_intermediate=False)
    return -thresholds, fmr, 1 - tmr


@settings(deadline=None)
@given(genuine=scores, impostor=scores, share=st.fractions(0, 1))
def test_every_rate_is_that_of_the_whole_curve(genuine: np.ndarray, impostor: np.ndarray, share: Fraction) -> None:
    for kind in (np.float32, np.float64):
        curve = rates(genuine.astype(kind), impostor.astype(kind))
        thresholds, fmr, fnmr = every_point(genuine, impostor)

        first = np.argmax(fmr >= fnmr - 1e-12)
        assert curve.eer_threshold == thresholds[first]
        # The two lines through the points around the crossing, cut with each other
        gaps = (fnmr - fmr)[[first - 1, first]]
        assert curve.eer == pytest.approx(np.interp(0, -gaps, fmr[[first - 1, first]]), abs=1e-12)
        assert curve.eer == pytest.approx(crossing(fmr + 1e-14, fnmr), abs=1e-12)
        assert curve.auc == pytest.approx(auc(fmr, 1 - fnmr), abs=1e-12)
        assert curve.fnmr_at(float(share)) == fnmr[fmr <= float(share)].min()
        np.testing.assert_array_equal(curve.fmr(thresholds), fmr)
        np.testing.assert_array_equal(curve.fnmr(thresholds), fnmr)


@settings(deadline=None)
@given(genuine=scores, impostor=scores, cost=st.sampled_from([1e-9, 0.25, 1, 3, 1e9]))
def test_threshold_of_a_cost_is_the_smallest_score_that_keeps_it(
    genuine: np.ndarray, impostor: np.ndarray, cost: float
) -> None:
    thresholds, fmr, fnmr = every_point(genuine, impostor)

    assert rates(genuine, impostor).threshold(cost) == thresholds[np.argmax(fnmr <= cost * fmr + 1e-12)]


def test_rates_of_six_scores() -> None:
    curve = rates(GENUINE, IMPOSTOR)

    # threshold  nothing  0.1  0.3  0.4  0.6  0.7  0.9
    # FMR           0      0    0   1/3  1/3  2/3   1
    # FNMR          1     2/3  1/3  1/3   0    0    0
    thresholds, third = np.array([0.0, 0.3, 0.4, 0.6, 0.9]), 1 / 3
    np.testing.assert_allclose(curve.fmr(thresholds), [0, 0, third, third, 1])
    np.testing.assert_allclose(curve.fnmr(thresholds), [1, third, third, 0, 0], atol=1e-15)
    assert curve.eer == pytest.approx(third)
    assert curve.eer_threshold == pytest.approx(0.4)


def test_eer_between_two_points_is_where_the_lines_cross() -> None:
    # One score passes at once with two impostors: (FMR, FNMR) goes from (0, 1/2) to (2/3, 0); FMR = FNMR on this line
    # at s·2/3 = 1/2 − s/2, s = 3/7.
    curve = rates(np.array([0.1, 0.5]), np.array([0.5, 0.5, 0.9]))

    assert curve.eer == pytest.approx(3 / 7 * 2 / 3)


def test_eer_threshold_lies_inside_a_straight_run_too() -> None:
    # FNMR stays 1/2 from 0.1 on; FMR reaches it with the second of four impostors.
    assert rates(np.array([0.1, 0.9]), np.array([0.2, 0.3, 0.4, 0.5])).eer_threshold == pytest.approx(0.3)


def test_fnmr_at_a_given_fmr() -> None:
    curve = rates(GENUINE, IMPOSTOR)

    assert curve.fnmr_at(0.1) == pytest.approx(1 / 3)  # no impostor may pass: threshold 0.3
    assert curve.fnmr_at(0.34) == 0  # one of three may: threshold 0.6
    assert curve.fnmr_at(1.0) == 0


@settings(deadline=None)
@given(genuine=scores, impostor=scores, fmr=st.sampled_from([0.0, 0.01, 0.3, 0.5, 0.99]))
def test_threshold_at_an_fmr_is_the_largest_that_keeps_it(
    genuine: np.ndarray, impostor: np.ndarray, fmr: float
) -> None:
    curve = rates(genuine, impostor)
    threshold = curve.threshold_at(fmr)

    assert curve.fmr(threshold) <= fmr < curve.fmr(np.nextafter(curve.impostor.dtype.type(threshold), np.inf))


def test_every_pair_may_match_at_an_fmr_of_one() -> None:
    assert rates(GENUINE, IMPOSTOR).threshold_at(1.0) == np.inf


def test_fnmr_at_1_percent_and_1_per_mille(rng: np.random.Generator) -> None:
    genuine, impostor = rng.normal(1, 0.4, 500), rng.normal(2, 0.4, 5000)
    curve = rates(genuine, impostor)

    for fmr, passing in ((1e-2, 50), (1e-3, 5)):
        strictest_refused = np.sort(impostor)[passing]
        assert curve.fnmr_at(fmr) == pytest.approx(np.mean(genuine >= strictest_refused))


def test_auc_agrees_with_scikit_learn(rng: np.random.Generator) -> None:
    genuine, impostor = rng.normal(1, 0.4, 300), rng.normal(1.5, 0.4, 900)

    expected = roc_auc_score([1] * 300 + [0] * 900, -np.concatenate([genuine, impostor]))

    assert rates(genuine, impostor).auc == pytest.approx(expected)
    # Of nine pairs of a genuine and an impostor score one, (0.6, 0.4), is in the wrong order.
    assert rates(GENUINE, IMPOSTOR).auc == pytest.approx(8 / 9)


def test_d_prime_by_hand() -> None:
    # Means 1 and 4, variances 1 and 4: 3 / √2.5
    assert d_prime(np.array([0.0, 2.0]), np.array([2.0, 6.0])) == pytest.approx(3 / 2.5**0.5)


def test_perfect_and_reversed_scores() -> None:
    low, high = np.array([0.1, 0.2, 0.3]), np.array([0.4, 0.5])

    assert (rates(low, high).eer, rates(low, high).auc) == (0, 1)
    assert (rates(high, low).eer, rates(high, low).auc) == (1, 0)


def test_equal_scores_are_a_coin_toss() -> None:
    curve = rates(np.ones(4), np.ones(9))

    assert curve.eer == pytest.approx(0.5)
    assert curve.auc == pytest.approx(0.5)


@settings(deadline=None)
@given(genuine=scores, impostor=scores)
def test_eer_is_a_share_and_does_not_change_when_scores_are_stretched(
    genuine: np.ndarray, impostor: np.ndarray
) -> None:
    eer = rates(genuine, impostor).eer

    assert 0 <= eer <= 1
    stretches: list[Callable[[np.ndarray], np.ndarray]] = [
        lambda x: x**3 + x - 5,
        lambda x: np.exp(x / 10),
        lambda x: x / 1000,
    ]
    for stretched in stretches:
        assert rates(stretched(genuine), stretched(impostor)).eer == pytest.approx(eer, abs=1e-12)


@settings(deadline=None)
@given(genuine=scores, impostor=scores)
def test_separated_scores_have_eer_0_and_only_they(genuine: np.ndarray, impostor: np.ndarray) -> None:
    assert rates(genuine, impostor + genuine.max() + 1).eer == 0
    assume(impostor.min() <= genuine.max())
    assert rates(genuine, impostor).eer > 0


@settings(deadline=None)
@given(genuine=scores, impostor=scores)
def test_curves_are_monotone_and_count_scores_up_to_the_threshold(genuine: np.ndarray, impostor: np.ndarray) -> None:
    curve = rates(genuine, impostor)

    thresholds = np.arange(-1, 43) / 2
    assert np.all(np.diff(curve.fmr(thresholds)) >= 0)
    assert np.all(np.diff(curve.fnmr(thresholds)) <= 0)
    for threshold, fmr, fnmr in zip(thresholds, curve.fmr(thresholds), curve.fnmr(thresholds), strict=True):
        assert fmr == pytest.approx(np.mean(impostor <= threshold))
        assert fnmr == pytest.approx(np.mean(genuine > threshold))


def test_crossing_of_many_curves_at_once_is_that_of_each() -> None:
    fmr = np.array([[0, 0], [0.2, 0.0], [0.4, 0.5], [1, 1]])
    fnmr = np.array([[1, 1], [0.6, 0.5], [0.2, 0.5], [0, 0]])

    # Left: from (0.2, 0.6) to (0.4, 0.2), equal after 2/3 of the way at 1/3. Right: they meet at a point.
    np.testing.assert_allclose(crossing(fmr, fnmr), [1 / 3, 0.5])


def test_table_keeps_the_ends_and_points_of_the_curve(rng: np.random.Generator) -> None:
    curve = rates(rng.normal(1, 0.4, 500), rng.normal(2, 0.4, 5000))

    table = curve.table(100)

    assert len(table) <= 102
    assert table[["fmr", "fnmr"]].iloc[0].tolist() == [0, 1]
    assert table[["fmr", "fnmr"]].iloc[-1].tolist() == [1, 0]
    np.testing.assert_allclose(table["tmr"], 1 - table["fnmr"])
    _, fmr, fnmr = every_point(curve.genuine, curve.impostor)
    points = set(zip(fmr, fnmr, strict=True))
    assert set(zip(table["fmr"], table["fnmr"], strict=True)) <= points
    # A DET plot needs the strict end: points below an FMR of 1 %.
    assert (table["fmr"].between(1e-9, 0.01)).sum() >= 5
