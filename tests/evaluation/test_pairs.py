import subprocess
import sys

import numpy as np
import pytest
from fixture_types import UnitVectors
from scipy.spatial.distance import cdist

from masquerade.errors import InputError
from masquerade.evaluation import pairs
from masquerade.evaluation.pairs import compare, paired_distances, squared_distances

LABELS = np.array([0, 0, 0, 1, 1, 2])


def test_distance_of_a_pair_is_eq_1() -> None:
    a, b = np.array([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]]), np.array([[0.0, 1.0], [0.6, 0.8], [0.0, -1.0]])

    np.testing.assert_allclose(paired_distances(a, b), [2, 0, 4])


def test_matrix_product_agrees_with_differences(unit_vectors: UnitVectors) -> None:
    a, b = unit_vectors(np.arange(7)), unit_vectors(np.arange(5), seed=1)

    distances = squared_distances(a, b)

    np.testing.assert_allclose(distances, cdist(a, b, "sqeuclidean"), atol=1e-5)
    assert distances.dtype == np.float32


def test_range_is_0_to_4_in_spite_of_rounding(unit_vectors: UnitVectors) -> None:
    a = unit_vectors(np.arange(300), dimension=512)

    assert squared_distances(a, a).min() >= 0
    assert squared_distances(a, -a).max() <= 4
    np.testing.assert_allclose(squared_distances(a, -a).diagonal(), np.full(300, 4), atol=1e-5)


def test_same_vectors_count_each_pair_once(unit_vectors: UnitVectors) -> None:
    vectors = unit_vectors(LABELS)

    comparison = compare(vectors, vectors, LABELS, LABELS)

    # Three images of class 0 make 3 pairs, two of class 1 make 1; 15 pairs in all.
    assert comparison.symmetric
    assert (len(comparison.genuine), len(comparison.impostor)) == (4, 11)


def test_probes_against_templates_count_both_ways_but_never_the_own_image(
    unit_vectors: UnitVectors,
) -> None:
    probes, templates = unit_vectors(LABELS), unit_vectors(LABELS, seed=1)

    comparison = compare(probes, templates, LABELS, LABELS)

    assert not comparison.symmetric
    genuine = [
        np.sum((probes[i] - templates[j]) ** 2) for i in range(6) for j in range(6) if i != j and LABELS[i] == LABELS[j]
    ]
    impostor = [np.sum((probes[i] - templates[j]) ** 2) for i in range(6) for j in range(6) if LABELS[i] != LABELS[j]]
    assert (len(genuine), len(impostor)) == (8, 22)
    np.testing.assert_allclose(comparison.genuine, np.sort(genuine), atol=1e-5)
    np.testing.assert_allclose(comparison.impostor, np.sort(impostor), atol=1e-5)


@pytest.mark.parametrize("same", [True, False], ids=["each pair once", "both ways"])
@pytest.mark.parametrize("labels", [np.arange(40) % 4, np.repeat([5, 2, 9], [1, 30, 9])], ids=["even", "uneven"])
def test_blocks_of_rows_make_the_whole_matrix(
    unit_vectors: UnitVectors, labels: np.ndarray, same: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    probes = unit_vectors(labels)
    templates = probes if same else unit_vectors(labels, seed=1)
    compared = squared_distances(probes, templates)
    counted = np.triu(np.ones((40, 40), dtype=bool), 1) if same else ~np.eye(40, dtype=bool)
    mated = labels[:, None] == labels

    monkeypatch.setattr(pairs, "ROWS", 7)
    comparison = compare(probes, templates, labels, np.arange(40))

    np.testing.assert_allclose(comparison.genuine, np.sort(compared[counted & mated]), atol=1e-6)
    np.testing.assert_allclose(comparison.impostor, np.sort(compared[counted & ~mated]), atol=1e-6)
    assert comparison.in_blocks(lambda block: block.distances[0].shape) == [
        (min(7, 40 - i), 40 - i) for i in range(0, 40, 7)
    ]


def test_images_may_come_in_any_order(unit_vectors: UnitVectors, rng: np.random.Generator) -> None:
    probes, templates, subjects = unit_vectors(LABELS), unit_vectors(LABELS, seed=1), np.array([4, 4, 7, 1, 1, 2])
    order = rng.permutation(6)

    one, other = (compare(probes[at], templates[at], LABELS[at], subjects[at]) for at in (np.arange(6), order))

    np.testing.assert_allclose(one.genuine, other.genuine, atol=1e-6)
    np.testing.assert_allclose(one.impostor, other.impostor, atol=1e-6)
    assert set(zip(other.labels, other.subjects, strict=True)) == set(zip(LABELS, subjects, strict=True))


@pytest.mark.parametrize("labels", [[0, 1, 2], [0, 0, 0]])
def test_without_mated_or_non_mated_pairs_there_is_nothing_to_compare(
    unit_vectors: UnitVectors, labels: list[int]
) -> None:
    vectors = unit_vectors(np.array(labels))

    with pytest.raises(InputError, match="two images of one class and one of another"):
        compare(vectors, vectors, np.array(labels), np.array(labels))


def test_histogram_is_a_density_over_all_distances(unit_vectors: UnitVectors) -> None:
    vectors = unit_vectors(LABELS)
    histogram = compare(vectors, vectors, LABELS, LABELS).histogram(bins=40)

    np.testing.assert_allclose(histogram.sum() * 0.1, [1, 1])
    np.testing.assert_allclose(histogram.index[[0, -1]], [0.05, 3.95])

    # Two images of one class at an angle whose cosine is 0.925, d_F = 0.15; the third is opposite.
    at = np.array([[1, 0], [0.925, (1 - 0.925**2) ** 0.5], [-1, 0]])
    three = compare(at, at, np.array([0, 0, 1]), np.arange(3)).histogram(bins=80)
    assert three["genuine"].idxmax() == pytest.approx(0.15, abs=0.026)
    assert three["impostor"].iloc[-1] > 0  # 4 itself lies in the last bin


@pytest.mark.slow
def test_evaluation_runs_without_keras() -> None:
    """A stage that needs only arrays must not wait for TensorFlow."""
    modules = ["pairs", "verification", "bootstrap", "confusion", "matcher", "keys", "pca", "class_distances"]
    modules += ["failure_signs", "likeness", "templates", "verification_report"]
    code = "; ".join(f"import masquerade.evaluation.{name}" for name in modules)
    code += "; import masquerade.data.image_set, sys; assert not {'keras', 'tensorflow', 'mlflow'} & set(sys.modules)"

    subprocess.run([sys.executable, "-c", code], check=True)
