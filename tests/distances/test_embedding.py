import numpy as np

from masquerade.distances.embedding import embedding_distance


def test_eq_1_is_the_squared_distance() -> None:
    a = np.array([[1, 0], [1, 0], [1, 0]], dtype="float32")
    b = np.array([[1, 0], [0, 1], [-1, 0]], dtype="float32")

    np.testing.assert_allclose(embedding_distance(a, b), [0, 2, 4], atol=1e-6)
