from functools import partial

import numpy as np
import pytest
from fixture_types import UnitVectors

from masquerade.attacks.multiplicity import RECORDS, found, multiplicity
from masquerade.keys import MasterKey
from masquerade.lock import Components, Lock

LABELS = np.arange(40) % 5
MASTER = MasterKey(bytes(32))


@pytest.fixture(scope="module")
def vectors(unit_vectors: UnitVectors) -> np.ndarray:
    return unit_vectors(LABELS, dimension=6)


def test_one_record_gives_everything_without_bits(vectors: np.ndarray) -> None:
    table = multiplicity(vectors, LABELS, partial(Lock, Components.fit(vectors, 6, 0.0)), MASTER)

    np.testing.assert_allclose(table["cosine"], 1, atol=1e-6)
    assert list(table.index) == list(RECORDS)


def test_every_further_record_gives_more_bits(vectors: np.ndarray) -> None:
    table = multiplicity(vectors, LABELS, partial(Lock, Components.fit(vectors, 6, 0.0), bits=3), MASTER)

    cosines, eers = table["cosine"].to_numpy(), table["eer"].to_numpy()
    assert (np.diff(cosines) > 0).all()
    assert cosines[0] < 0.8 < 0.9 < cosines[-1]
    assert eers[0] > eers[-1]


def test_floor_is_the_cosine_with_other_people(vectors: np.ndarray) -> None:
    others = (vectors @ vectors.T)[LABELS[:, None] != LABELS]

    whole = found(vectors, vectors, LABELS, np.arange(40), 50, 0.95, 7)
    nothing = found(np.roll(vectors, 1, axis=0), vectors, LABELS, np.arange(40), 50, 0.95, 7)

    assert whole.value == pytest.approx(1)
    assert whole.floor == pytest.approx(others.mean(), abs=0.04)
    assert not whole.holds
    assert nothing.holds
    assert nothing.low < nothing.value < nothing.high


def test_mean_cosine_of_one_bit_by_theory() -> None:
    """One sign of a uniform direction in k = 2: the mean is the direction nearest to its half circle. The angle between
    the two is uniform in ±90°, so the mean cosine is 2/π."""
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(400, 2))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    space = Components(np.eye(2), np.ones(2))

    table = multiplicity(vectors, np.arange(400) % 10, partial(Lock, space, bits=1), MASTER)

    assert float(table["cosine"].to_numpy()[0]) == pytest.approx(2 / np.pi, abs=0.04)
