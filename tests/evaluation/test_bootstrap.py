import numpy as np
import pytest
from fixture_types import UnitVectors

from masquerade.evaluation import bootstrap
from masquerade.evaluation.bootstrap import interval, resampled_eers, resampled_means, resampled_rates
from masquerade.evaluation.pairs import Comparison, compare, squared_distances
from masquerade.evaluation.verification import rates

LABELS = np.repeat(np.arange(12), 6)
BY_IMAGE = 3 * np.arange(len(LABELS)) + 1
"""Subject numbers of images that are their own subjects, with gaps as a split leaves them."""


def expanded_eer(comparison: Comparison, multiplicities: np.ndarray) -> float:
    """The EER of one bootstrap sample, every copy of a subject written out."""
    people, distances = np.unique(comparison.subjects), squared_distances(comparison.probes, comparison.templates)
    copies = [
        (image, subject, copy)
        for subject, count in zip(people, multiplicities.astype(int), strict=True)
        for copy in range(count)
        for image in np.flatnonzero(comparison.subjects == subject)
    ]
    genuine: list[float] = []
    impostor: list[float] = []
    for i, s, c in copies:
        for j, t, d in copies:
            if i == j or (s == t and c != d):  # a copy is not compared with its twin
                continue
            (genuine if comparison.labels[i] == comparison.labels[j] else impostor).append(distances[i, j])
    return rates(np.array(genuine), np.array(impostor)).eer


@pytest.fixture(params=["subject is class", "subject is image", "several images, two classes"])
def comparison(request: pytest.FixtureRequest, unit_vectors: UnitVectors) -> Comparison:
    subjects = {
        "subject is class": LABELS,
        "subject is image": BY_IMAGE,
        "several images, two classes": (np.arange(len(LABELS)) // 3) % 9,
    }[request.param]
    return compare(unit_vectors(LABELS, 0.6), unit_vectors(LABELS, 0.7), LABELS, subjects)


def test_every_subject_once_gives_the_exact_eer(comparison: Comparison, monkeypatch: pytest.MonkeyPatch) -> None:
    subjects = len(np.unique(comparison.subjects))
    monkeypatch.setattr(bootstrap, "multiplicities", lambda *_: np.ones((subjects, 2), dtype=np.float32))
    exact = rates(comparison.genuine, comparison.impostor).eer
    assert 0.01 < exact < 0.2

    np.testing.assert_allclose(resampled_eers(comparison, 2, 7), [exact, exact], atol=2e-3)


def test_samples_agree_with_written_out_copies(comparison: Comparison) -> None:
    weights = bootstrap.multiplicities(len(np.unique(comparison.subjects)), 4, 7)
    assert weights.max() >= 2

    expected = [expanded_eer(comparison, sample) for sample in weights.T]

    np.testing.assert_allclose(resampled_eers(comparison, 4, 7), expected, atol=1e-3)
    assert np.ptp(expected) > 0.02  # or the agreement would mean nothing


def test_weighted_counts_are_exact(unit_vectors: UnitVectors) -> None:
    labels, subjects = np.array([0, 0, 0, 1]), np.array([0, 0, 1, 2])
    comparison = compare(unit_vectors(labels), unit_vectors(labels, seed=1), labels, subjects)

    weights = np.array([[2, 1], [1, 1], [3, 1]], dtype=np.float32)
    genuine, impostor = bootstrap._weighted(comparison, subjects, weights, np.array([-1.0, 4.0]))

    # Subject 0 (two images) twice, 1 once. Within 0: (0, 1), (1, 0) for each copy: 4. Between 0 and 1: 2 copies ·
    # 2 images · 1, both ways: 8. Subject 2, three times, is of the other class: 3 · (2 · 2 + 1), both ways: 30.
    assert genuine.tolist() == [[0, 0], [12, 6]]
    assert impostor.tolist() == [[0, 0], [30, 6]]


def test_few_thresholds_are_enough(unit_vectors: UnitVectors, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many images are counted at twelve thresholds; at thousands the samples are the same but for a little noise."""
    labels = np.arange(300) % 10
    comparison = compare(unit_vectors(labels, 0.6), unit_vectors(labels, 0.7), labels, np.arange(300))
    monkeypatch.setattr(bootstrap, "QUICK", 3000 * 300**2)
    exact = resampled_eers(comparison, 50, 7)

    monkeypatch.setattr(bootstrap, "QUICK", 0)
    quick = resampled_eers(comparison, 50, 7)

    assert np.abs(quick - exact).max() < np.std(exact) / 4
    assert abs(np.mean(quick - exact)) < np.std(exact) / 50
    np.testing.assert_allclose(interval(quick, 0.9), interval(exact, 0.9), atol=np.std(exact) / 10)


@pytest.mark.parametrize("spread", [0.2, 0.4, 1.0, 3.0])
@pytest.mark.parametrize("subjects", [np.arange(48), np.arange(48) // 6], ids=["images", "classes"])
def test_thresholds_reach_every_sample(unit_vectors: UnitVectors, spread: float, subjects: np.ndarray) -> None:
    """Between hardly any errors and nothing but chance, with as few as eight subjects."""
    labels = np.arange(48) // 6
    comparison = compare(unit_vectors(labels, spread), unit_vectors(labels, spread, seed=1), labels, subjects)
    weights = bootstrap.multiplicities(len(np.unique(subjects)), 40, 7)
    drawn = np.count_nonzero(weights, axis=0) >= 3

    expected = [expanded_eer(comparison, sample) for sample in weights.T[drawn]]

    np.testing.assert_allclose(resampled_eers(comparison, 40, 7)[drawn], expected, atol=5e-3)


def test_equal_seeds_draw_equal_subjects_so_that_differences_are_paired(
    unit_vectors: UnitVectors,
) -> None:
    real, template = unit_vectors(LABELS, 0.6), unit_vectors(LABELS, 0.6) + np.float32(0.02)
    template /= np.linalg.norm(template, axis=1, keepdims=True)
    first = resampled_eers(compare(real, real, LABELS, LABELS), 60, 7)
    second = resampled_eers(compare(template, template, LABELS, LABELS), 60, 7)
    other = resampled_eers(compare(template, template, LABELS, LABELS), 60, 8)

    np.testing.assert_array_equal(first, resampled_eers(compare(real, real, LABELS, LABELS), 60, 7))
    assert np.std(second - first) < np.std(other - first) / 3
    assert np.corrcoef(first, second)[0, 1] > 0.9


def test_samples_are_multinomial_draws_of_the_subjects() -> None:
    weights = bootstrap.multiplicities(30, 500, 7)

    assert weights.shape == (30, 500)
    assert set(weights.sum(axis=0)) == {30}
    np.testing.assert_allclose(weights.mean(axis=1), np.ones(30), atol=0.2)


def test_separated_classes_stay_at_0(unit_vectors: UnitVectors) -> None:
    vectors = unit_vectors(LABELS, 0.01)

    assert resampled_eers(compare(vectors, vectors, LABELS, LABELS), 50, 7).max() == 0


def test_interval_covers_the_middle_of_the_samples() -> None:
    assert interval(np.arange(101) / 100, 0.9) == pytest.approx([0.05, 0.95])
    assert interval(np.arange(101) / 100, 0.5) == pytest.approx([0.25, 0.75])


def test_means_of_samples_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Subject 1 has the values 0 and 1, subject 5 has 4. Drawn twice and once, (2·1 + 1·4) / (2·2 + 1) = 1.2; drawn
    never and twice, 4."""
    drawn = np.array([[2, 0], [1, 2]], dtype=np.float32)
    monkeypatch.setattr("masquerade.evaluation.bootstrap.multiplicities", lambda *_: drawn)

    np.testing.assert_allclose(resampled_means(np.array([0, 4, 1]), np.array([1, 5, 1]), 2, 7), [1.2, 4])


def test_rates_of_the_sample_with_every_subject_once_are_those_of_all_pairs(
    comparison: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "masquerade.evaluation.bootstrap.multiplicities", lambda n, r, _: np.ones((n, r), dtype=np.float32)
    )
    rates_of_all, threshold = comparison.rates, comparison.rates.eer_threshold

    tmr, fmr = resampled_rates(comparison, threshold, 2, 7)

    np.testing.assert_allclose(tmr, 1 - rates_of_all.fnmr(threshold), rtol=1e-6)
    np.testing.assert_allclose(fmr, rates_of_all.fmr(threshold), rtol=1e-6)
