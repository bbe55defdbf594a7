from collections.abc import Callable

import numpy as np
import pytest

from masquerade.evaluation import bootstrap
from masquerade.evaluation.bootstrap import interval, resampled_eers
from masquerade.evaluation.pairs import Comparison, compare
from masquerade.evaluation.verification import rates

LABELS = np.repeat(np.arange(12), 6)
BY_PICTURE = 3 * np.arange(len(LABELS)) + 1
"""Subject numbers of pictures that are their own subjects, with gaps as a split leaves them."""


def expanded_eer(comparison: Comparison, multiplicities: np.ndarray) -> float:
    """The EER of one bootstrap sample, every copy of a subject written out."""
    people = np.unique(comparison.subjects)
    copies = [
        (picture, subject, copy)
        for subject, count in zip(people, multiplicities.astype(int), strict=True)
        for copy in range(count)
        for picture in np.flatnonzero(comparison.subjects == subject)
    ]
    genuine, impostor = [], []
    for i, s, c in copies:
        for j, t, d in copies:
            if i == j or (s == t and c != d):  # a copy is not compared with its twin
                continue
            (genuine if comparison.labels[i] == comparison.labels[j] else impostor).append(comparison.distances[i, j])
    return rates(np.array(genuine), np.array(impostor)).eer


@pytest.fixture(params=["subject is class", "subject is picture", "several pictures, two classes"])
def comparison(request: pytest.FixtureRequest, unit_vectors: Callable[..., np.ndarray]) -> Comparison:
    subjects = {
        "subject is class": LABELS,
        "subject is picture": BY_PICTURE,
        "several pictures, two classes": (np.arange(len(LABELS)) // 3) % 9,
    }[request.param]
    return compare(unit_vectors(LABELS, 0.6), unit_vectors(LABELS, 0.7), LABELS, subjects)


def test_every_subject_once_gives_the_exact_eer(comparison: Comparison, monkeypatch: pytest.MonkeyPatch) -> None:
    subjects = len(np.unique(comparison.subjects))
    monkeypatch.setattr(bootstrap, "_multiplicities", lambda *_: np.ones((subjects, 2), dtype=np.float32))
    exact = rates(comparison.genuine, comparison.impostor).eer
    assert 0.01 < exact < 0.2

    np.testing.assert_allclose(resampled_eers(comparison, 2, 7), [exact, exact], atol=2e-3)


def test_samples_agree_with_written_out_copies(comparison: Comparison) -> None:
    weights = bootstrap._multiplicities(comparison.subjects, 4, 7)
    assert weights.max() >= 2

    expected = [expanded_eer(comparison, sample) for sample in weights.T]

    np.testing.assert_allclose(resampled_eers(comparison, 4, 7), expected, atol=8e-3)
    assert np.ptp(expected) > 0.02  # or the agreement would mean nothing


def test_weighted_counts_are_exact() -> None:
    # Subjects a (pictures 0, 1) drawn twice and b (picture 2) drawn once; all pairs of two pictures.
    pairs = ~np.eye(3, dtype=bool)
    # Within a: (0, 1), (1, 0) for each of two copies: 4. Between: 2 copies · 2 pictures · 1, both ways: 8.
    counted = bootstrap._weighted(pairs, np.array([5, 5, 3]), np.array([[1], [2]], dtype=np.float32))

    assert counted.tolist() == [12]


def test_equal_seeds_draw_equal_subjects_so_that_differences_are_paired(
    unit_vectors: Callable[..., np.ndarray],
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
    weights = bootstrap._multiplicities(np.repeat(np.arange(30), 2), 500, 7)

    assert weights.shape == (30, 500)
    assert set(weights.sum(axis=0)) == {30}
    np.testing.assert_allclose(weights.mean(axis=1), np.ones(30), atol=0.2)


def test_separated_classes_stay_at_0(unit_vectors: Callable[..., np.ndarray]) -> None:
    vectors = unit_vectors(LABELS, 0.01)

    assert resampled_eers(compare(vectors, vectors, LABELS, LABELS), 50, 7).max() == 0


def test_interval_covers_the_middle_of_the_samples() -> None:
    assert interval(np.arange(101) / 100, 0.9) == pytest.approx([0.05, 0.95])
    assert interval(np.arange(101) / 100, 0.5) == pytest.approx([0.25, 0.75])
