import numpy as np
import pytest

from masquerade.distances import NAMES, distance

EDGE = np.repeat([[0, 0, 1, 1]], 4, axis=0).astype("float32")[None, ..., None]
GREY = np.full((1, 4, 4, 1), 0.25, dtype="float32")


@pytest.mark.parametrize(("beta", "expected"), [(1.0, 0.5), (0.0, 4.0), (0.25, 0.25 * 0.5 + 0.75 * 4)])
def test_eq_18_weights_hamming_by_beta(beta: float, expected: float) -> None:
    # Hamming: half the pixels differ by 0.25, half by 0.75: 0.5. Sobel, as in test_sobel.py: 4.
    np.testing.assert_allclose(distance("combined", beta)(GREY, EDGE), [expected], rtol=1e-6)


def test_beta_changes_no_other_distance() -> None:
    for name in NAMES:
        if name != "combined":
            assert distance(name, 0.9) is distance(name, 0.1)
