import numpy as np
import pytest

from masquerade.keys import Record, public_key
from masquerade.protections.base import Token
from masquerade.protections.polyprotect import PROTECTION, mapped, parameters, polyprotect, windows


def test_polynomial_by_hand() -> None:
    """Six numbers have two windows, (1, 2, 0, 0, 1) and, overlapping by two, (0, 1, 1, 0, 0) with two zeros at its end.
    1·1² − 2·2 + 3·0³ + 4·0⁴ + 5·1⁵ = 2 and 1·0² − 2·1 + 3·1³ + 4·0⁴ + 5·0⁵ = 1."""
    coefficients, exponents = np.array([1, -2, 3, 4, 5]), np.array([2, 1, 3, 4, 5])

    assert mapped(np.array([[1, 2, 0, 0, 1, 1]]), coefficients, exponents).tolist() == [[2, 1]]


@pytest.mark.parametrize(("m", "count"), [(3, 1), (5, 1), (6, 2), (8, 2), (9, 3), (10, 3), (128, 42)])
def test_windows_cover_all_numbers(m: int, count: int) -> None:
    """128 = 5 + 41·3."""
    assert windows(m) == count
    assert mapped(np.ones((2, m)), np.ones(5), np.ones(5)).shape == (2, count)
    assert PROTECTION.bits(m) == 32 * count


def test_parameters_are_those_of_the_paper() -> None:
    for number in range(200):
        coefficients, exponents = parameters(Token(public_key(0), Record("polyprotect", "", number)))

        assert sorted(exponents.tolist()) == [1, 2, 3, 4, 5]
        assert len(set(coefficients.tolist())) == 5
        assert 1 <= np.abs(coefficients).min() <= np.abs(coefficients).max() <= 50


def test_template_has_length_1() -> None:
    vectors = np.random.default_rng(0).normal(size=(20, 16)).astype(np.float32)
    templates = polyprotect(vectors, Token(public_key(0), Record("polyprotect")))

    np.testing.assert_allclose(np.linalg.norm(templates, axis=1), np.ones(20), rtol=1e-5)
