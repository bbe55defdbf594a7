"""What every scheme promises."""

import subprocess
import sys

import numpy as np
import pytest
from fixture_types import UnitVectors
from hypothesis import given, settings
from hypothesis import strategies as st

from masquerade.evaluation.pairs import compare, squared_distances
from masquerade.keys import public_key
from masquerade.protections import NAMES, protection
from masquerade.protections.base import unit
from masquerade.protections.scenarios import linkable, token_of

KEY = public_key(0)
each = pytest.mark.parametrize("name", NAMES)


def vectors_of(seed: int, m: int, count: int = 2) -> np.ndarray:
    return unit(np.random.default_rng(seed).normal(size=(count, m)))


@each
@given(seed=st.integers(0, 2**32 - 1), m=st.integers(5, 40), subject=st.text(max_size=3))
@settings(max_examples=4, deadline=None)
def test_same_token_gives_the_same_templates_whoever_is_protected_with(
    name: str, seed: int, m: int, subject: str
) -> None:
    vectors, token = vectors_of(seed, m), token_of(KEY, name, subject)
    templates = protection(name).protect(vectors, token)
    alone = np.concatenate([protection(name).protect(vector[None], token) for vector in vectors])

    assert templates.dtype == np.float32
    np.testing.assert_array_equal(protection(name).protect(vectors, token), templates)
    assert np.isclose(alone, templates, atol=1e-4).mean() > 0.99  # a product near 0 may be rounded to the other side


@each
@given(seed=st.integers(0, 2**32 - 1), m=st.integers(5, 40))
@settings(max_examples=4, deadline=None)
def test_templates_have_one_length_and_distances_from_0_to_4(name: str, seed: int, m: int) -> None:
    templates = protection(name).protect(vectors_of(seed, m), token_of(KEY, name, "a"))
    distances = squared_distances(unit(templates), unit(templates))

    np.testing.assert_allclose(np.linalg.norm(templates, axis=1), np.full(2, np.linalg.norm(templates[0])), rtol=1e-5)
    np.testing.assert_allclose(distances.diagonal(), np.zeros(2), atol=1e-5)
    assert 0 <= distances.min() <= distances.max() <= 4


@each
def test_other_token_gives_another_template(name: str) -> None:
    one, other = (protection(name).protect(vectors_of(0, 16), token_of(KEY, name, "a", number)) for number in (1, 2))

    assert (squared_distances(unit(one), unit(other)).diagonal() > 0.1).all()


@each
def test_near_embeddings_have_near_templates_under_one_token(name: str, unit_vectors: UnitVectors) -> None:
    labels = np.repeat(np.arange(6), 5)
    templates = unit(protection(name).protect(unit_vectors(labels, 0.1, 32), token_of(KEY, name, "a")))

    assert compare(templates, templates, labels, labels).rates.eer < 0.1


@pytest.mark.parametrize(
    "name", [name for name in NAMES if name != "polyprotect"]
)  # which the reports show to be linkable
def test_templates_with_tokens_of_their_own_are_not_linked(name: str, unit_vectors: UnitVectors) -> None:
    """60 mated pairs: 4 standard deviations of a share of one half are 4·√(1/4 / 60) = 0.26."""
    labels = np.repeat(np.arange(6), 5)
    vectors = unit_vectors(labels, 0.1, 32)
    tokens = [token_of(KEY, name, str(label), number) for number, label in enumerate(labels, start=1)]
    secret, stolen = linkable(protection(name), tokens, vectors)

    assert compare(vectors, vectors, labels, labels).rates.eer < 0.01
    assert compare(secret, secret, labels, labels).rates.eer == pytest.approx(0.5, abs=0.26)
    if stolen is not None:
        assert compare(stolen, stolen, labels, labels).rates.eer < 0.1


def test_unknown_name_is_an_error() -> None:
    with pytest.raises(KeyError):
        protection("bloom_filter")


def test_schemes_need_no_keras() -> None:
    modules = "masquerade.protections.columns, masquerade.protections.scenarios"

    subprocess.run([sys.executable, "-c", f"import sys, {modules}; assert 'keras' not in sys.modules"], check=True)
