import numpy as np
import pytest

from masquerade.protections.orthonormal import BLOCK, project


def matrix(rows: int, columns: int, seed: int = 0) -> np.ndarray:
    """W itself: what it makes of the unit vectors."""
    return project(np.eye(rows, dtype=np.float32), columns, np.random.default_rng(seed))


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (5, 5), (5, 2), (2, 5), (1, 4), (2 * BLOCK + 3, BLOCK + 5)])
def test_rows_or_columns_are_orthonormal(rows: int, columns: int) -> None:
    w = matrix(rows, columns)
    products = w.T @ w if columns <= rows else w @ w.T

    assert w.shape == (rows, columns)
    assert w.dtype == np.float32
    np.testing.assert_allclose(products, np.eye(min(rows, columns)), atol=1e-5)


def test_wide_matrix_of_several_blocks_has_orthonormal_rows() -> None:
    w = matrix(2 * BLOCK + 3, 3 * BLOCK)

    np.testing.assert_allclose(w @ w.T, np.eye(len(w)), atol=1e-5)


@pytest.mark.parametrize("size", [6, 3])
def test_it_is_the_gram_schmidt_process_on_the_first_normal_vector(size: int) -> None:
    """Which it leaves as it is, but for its length."""
    first = np.random.default_rng(0).standard_normal((6, size), dtype=np.float32)[:, 0]

    np.testing.assert_allclose(matrix(6, size)[:, 0], first / np.linalg.norm(first), atol=1e-6)


@pytest.mark.parametrize(("rows", "columns"), [(3, 3), (3, 2), (2, 3)])
def test_matrices_are_uniform(rows: int, columns: int) -> None:
    """By symmetry each element has mean 0, and mean square 1/3, as three of them make 1. 1,000 draws: 5 standard
    deviations of the mean are 5·0.58/√1000 = 0.092, of the mean square 5·0.30/√1000 = 0.048."""
    drawn = np.stack([matrix(rows, columns, seed) for seed in range(1000)])

    np.testing.assert_allclose(drawn.mean(axis=0), np.zeros((rows, columns)), atol=0.092)
    np.testing.assert_allclose((drawn**2).mean(axis=0), np.full((rows, columns), 1 / 3), atol=0.048)


def test_vectors_are_left_as_they_were() -> None:
    vectors = np.eye(4, dtype=np.float32)
    project(vectors, 3, np.random.default_rng(0))

    np.testing.assert_array_equal(vectors, np.eye(4))
