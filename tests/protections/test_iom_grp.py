import numpy as np
import pytest

from masquerade.keys import Record, public_key
from masquerade.protections import iom_grp
from masquerade.protections.base import Token

TOKEN = Token(public_key(0), Record("iom_grp"))


def test_codes_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two codes of three. The products of (0.6, 0.8) are 0.6, 0.8, −0.6 and 1.4, −0.8, 0.2: the largest are the second
    and the first. Those of (−1, 0) are −1, 0, 1 and −1, 0, 1: twice the third."""
    weights = np.array([[1, 0, -1, 1, 0, -1], [0, 1, 0, 1, -1, 1]], float)
    monkeypatch.setattr(iom_grp, "CODES", 2)
    monkeypatch.setattr(iom_grp, "Q", 3)
    monkeypatch.setattr(iom_grp, "_weights", lambda token, m: weights)

    templates = iom_grp.iom_grp(np.array([[0.6, 0.8], [-1, 0]]), TOKEN)

    assert templates.tolist() == [[0, 1, 0, 1, 0, 0], [0, 0, 1, 0, 0, 1]]


def test_template_has_one_index_a_code() -> None:
    templates = iom_grp.iom_grp(np.eye(10, dtype=np.float32), TOKEN).reshape(10, 300, 16)

    assert set(templates.sum(axis=2).ravel()) == {1}
    assert iom_grp.PROTECTION.bits(10) == 300 * 4  # an index from 0 to 15 has four bits


def test_length_of_the_embedding_does_not_matter() -> None:
    vectors = np.random.default_rng(0).normal(size=(3, 16)).astype(np.float32)

    np.testing.assert_array_equal(iom_grp.iom_grp(2 * vectors, TOKEN), iom_grp.iom_grp(vectors, TOKEN))


def test_unrelated_embeddings_agree_in_a_sixteenth_of_the_codes() -> None:
    """Of orthogonal vectors, the products are independent. 45 pairs of 300 codes: 5 standard deviations of one share
    are at most 5·√(1/16·15/16 / 300) = 0.07."""
    templates = iom_grp.iom_grp(np.eye(10, dtype=np.float32), TOKEN)
    shares = (templates @ templates.T / 300)[np.triu_indices(10, 1)]

    np.testing.assert_allclose(shares, np.full(45, 1 / 16), atol=0.07)


def test_thief_of_template_and_token_has_the_direction() -> None:
    estimates = iom_grp.unlock(iom_grp.iom_grp(np.eye(10, dtype=np.float32), TOKEN), TOKEN, 10)

    assert estimates.diagonal().min() > 0.9
