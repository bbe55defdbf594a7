import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from masquerade.errors import InputError
from masquerade.evaluation.pairs import Comparison, compare, squared_distances

LABELS = np.array([0, 0, 0, 1, 1, 2])


def test_matrix_product_agrees_with_differences(unit_vectors: Callable[..., np.ndarray]) -> None:
    a, b = unit_vectors(np.arange(7)), unit_vectors(np.arange(5), seed=1)

    distances = squared_distances(a, b)

    np.testing.assert_allclose(distances, cdist(a, b, "sqeuclidean"), atol=1e-5)
    assert distances.dtype == np.float32


def test_range_is_0_to_4_in_spite_of_rounding(unit_vectors: Callable[..., np.ndarray]) -> None:
    a = unit_vectors(np.arange(300), dimension=512)

    assert squared_distances(a, a).min() >= 0
    assert squared_distances(a, -a).max() <= 4
    np.testing.assert_allclose(squared_distances(a, -a).diagonal(), np.full(300, 4), atol=1e-5)


def test_same_vectors_count_each_pair_once(unit_vectors: Callable[..., np.ndarray]) -> None:
    vectors = unit_vectors(LABELS)

    comparison = compare(vectors, vectors, LABELS, LABELS)

    # Three pictures of class 0 make 3 pairs, two of class 1 make 1; 15 pairs in all.
    assert comparison.symmetric
    assert (len(comparison.genuine), len(comparison.impostor)) == (4, 11)


def test_probes_against_templates_count_both_ways_but_never_the_own_picture(
    unit_vectors: Callable[..., np.ndarray],
) -> None:
    probes, templates = unit_vectors(LABELS), unit_vectors(LABELS, seed=1)

    comparison = compare(probes, templates, LABELS, LABELS)

    assert not comparison.symmetric
    genuine = [
        np.sum((probes[i] - templates[j]) ** 2) for i in range(6) for j in range(6) if i != j and LABELS[i] == LABELS[j]
    ]
    impostor = [np.sum((probes[i] - templates[j]) ** 2) for i in range(6) for j in range(6) if LABELS[i] != LABELS[j]]
    assert (len(genuine), len(impostor)) == (8, 22)
    np.testing.assert_allclose(comparison.genuine, genuine, atol=1e-5)
    np.testing.assert_allclose(comparison.impostor, impostor, atol=1e-5)


@pytest.mark.parametrize("labels", [[0, 1, 2], [0, 0, 0]])
def test_without_mated_or_non_mated_pairs_there_is_nothing_to_compare(
    unit_vectors: Callable[..., np.ndarray], labels: list[int]
) -> None:
    vectors = unit_vectors(np.array(labels))

    with pytest.raises(InputError, match="two pictures of one class and one of another"):
        compare(vectors, vectors, np.array(labels), np.array(labels))


def test_histogram_is_a_density_over_all_distances(unit_vectors: Callable[..., np.ndarray]) -> None:
    vectors = unit_vectors(LABELS)
    histogram = compare(vectors, vectors, LABELS, LABELS).histogram(bins=40)

    np.testing.assert_allclose(histogram.sum() * 0.1, [1, 1])
    np.testing.assert_allclose(histogram.index[[0, -1]], [0.05, 3.95])

    two = Comparison(np.array([[0, 0.15, 1], [0.15, 0, 1], [1, 1, 0]]), np.array([0, 0, 1]), np.arange(3), True)
    assert two.histogram(bins=40)["genuine"].idxmax() == pytest.approx(0.15)


def test_evaluation_runs_without_keras() -> None:
    """A stage that needs only arrays must not wait for TensorFlow."""
    modules = ["pairs", "verification", "bootstrap", "confusion", "recognition", "pca", "image_distances"]
    modules += ["failure_signs", "templates", "verification_report"]
    code = "; ".join(f"import masquerade.evaluation.{name}" for name in modules)
    code += "; import masquerade.data.pictures, sys; assert not {'keras', 'tensorflow', 'mlflow'} & set(sys.modules)"

    subprocess.run([sys.executable, "-c", code], check=True)
