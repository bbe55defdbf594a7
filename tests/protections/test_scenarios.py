import numpy as np
import pytest

from masquerade.keys import public_key
from masquerade.protections.base import Protection, Token
from masquerade.protections.scenarios import cosines, linkable, scenarios, token_of

KEY = public_key(0)


def turned(vectors: np.ndarray, token: Token) -> np.ndarray:
    """Turn vectors (n, 2) by as many degrees as the person is called, and by one more for each number of the record."""
    angle = np.deg2rad(float(token.record.subject) + token.record.number)
    rotation = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return (vectors @ rotation).astype(np.float32)


TURNED = Protection("turned", "", lambda m: 64, turned)


def at(*degrees: float) -> np.ndarray:
    return np.stack([np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))], axis=1).astype(np.float32)


def chord(degrees: float) -> float:
    """Squared distance of unit vectors with this angle between them."""
    return float(2 - 2 * np.cos(np.deg2rad(degrees)))


def test_both_scenarios_by_hand() -> None:
    """Persons 0 and 1 with images at 0° and 30°, and at 10° and 20°. The tokens turn them by 0° and by 90°.

    Genuine: 30° and 10° apart, whatever the token, and each pair counts with either image as the probe. Impostors with
    tokens of their own: 0° and 30° against 100° and 110°. Under the victim's token only the images count: 0° against
    10° and 20°, 30° against 20° and 10°.
    """
    labels = np.array([1, 0, 1, 0])  # in no order
    tokens = {0: token_of(KEY, "turned", "0"), 1: token_of(KEY, "turned", "90")}

    normal, stolen = scenarios(TURNED, tokens, at(10, 0, 20, 30), labels, np.arange(4))

    for comparison in (normal, stolen):
        np.testing.assert_allclose(comparison.genuine, sorted(map(chord, [30, 30, 10, 10])), atol=1e-6)
    np.testing.assert_allclose(normal.impostor, sorted(map(chord, 2 * [100, 110, 70, 80])), atol=1e-6)
    np.testing.assert_allclose(stolen.impostor, sorted(map(chord, 2 * [10, 20, 10, 20])), atol=1e-6)


def test_stolen_token_of_the_victim_is_the_one_of_the_template() -> None:
    """A scheme that is not symmetric: person 0's token halves angles. Probe of 1 at 40° against template of 0 at 0°
    under it: 20°. Probe of 0 at 0° against template of 1 at 40° under the token of 1: 40°."""

    def halved(vectors: np.ndarray, token: Token) -> np.ndarray:
        degrees = np.rad2deg(np.arctan2(vectors[:, 1], vectors[:, 0]))
        return at(*degrees / (2 if token.record.subject == "0" else 1))

    tokens = {person: token_of(KEY, "halved", str(person)) for person in (0, 1)}
    vectors, labels = at(0, 0, 40, 40), np.array([0, 0, 1, 1])

    stolen = scenarios(Protection("halved", "", lambda m: 64, halved), tokens, vectors, labels, labels).stolen

    np.testing.assert_allclose(stolen.impostor, sorted(4 * [chord(20)] + 4 * [chord(40)]), atol=1e-6)


def test_each_record_is_protected_with_its_own_token() -> None:
    tokens = [token_of(KEY, "turned", "0", number) for number in (1, 2, 3)]

    secret, stolen = linkable(TURNED, tokens, at(10, 20, 30))

    np.testing.assert_allclose(secret, at(11, 22, 33), atol=1e-6)
    assert stolen is None


@pytest.mark.parametrize("bits", [64, 300, 512])
def test_equal_numbers_of_equal_bits_give_equal_cosines(bits: int) -> None:
    """Ties stay ties: no rounding parts them."""
    signs = np.random.default_rng(0).choice([-1, 1], (100, bits)).astype(np.float32)
    differ = (signs[:, None] != signs).sum(axis=2)

    found = cosines(signs, signs)

    np.testing.assert_allclose(found, 1 - 2 * differ / bits, atol=1e-6)
    assert len(np.unique(found)) == len(np.unique(differ))
