import numpy as np
import pytest

from masquerade.keys import Record, public_key
from masquerade.protections.base import Token, unit

TOKEN = Token(public_key(7), Record("biohash_64", "s1", 1))


def test_token_gives_the_same_numbers_on_every_machine() -> None:
    assert TOKEN.stream().integers(0, 2**32, 3).tolist() == [3677450496, 3747399720, 207719092]


def test_numbers_begin_again_with_every_stream() -> None:
    np.testing.assert_array_equal(TOKEN.stream().random(4), TOKEN.stream().random(4))


@pytest.mark.parametrize(
    "other",
    [
        Token(public_key(8), TOKEN.record),
        Token(public_key(7), Record("biohash_128", "s1", 1)),
        Token(public_key(7), Record("biohash_64", "s2", 1)),
        Token(public_key(7), Record("biohash_64", "s1", 2)),
    ],
)
def test_every_secret_scheme_person_and_record_has_numbers_of_its_own(other: Token) -> None:
    assert not np.isin(other.stream().random(100), TOKEN.stream().random(100)).any()


def test_vectors_are_scaled_to_length_1_and_0_stays() -> None:
    np.testing.assert_allclose(unit(np.array([[3.0, 4.0], [0.0, 0.0]])), [[0.6, 0.8], [0.0, 0.0]], rtol=1e-6)
