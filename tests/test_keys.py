import hmac
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri

from masquerade.errors import InputError
from masquerade.keys import LENGTH, VARIABLE, Keyring, MasterKey, Record, create_key, middles, public_key, read_key

SECRET = bytes(range(32))
KEY = MasterKey(SECRET)
FIXED = [
    [0.9095569937019694, -0.12077647195031098, -0.39764194827894067],
    [-0.39576274698052627, 0.040211346851583826, -0.9174720135714276],
    [-0.12679875121728887, -0.9918649562352818, 0.011224316554638031],
]
"""The rotation of the first record of Ada at the door."""


def test_rotation_is_the_same_on_every_machine() -> None:
    rotation = KEY.rotation(Record("door", "Ada", 1), 3)

    np.testing.assert_allclose(rotation, FIXED, rtol=0, atol=1e-12)


def test_stream_begins_as_hkdf_and_chacha20_say() -> None:
    """RFC 5869 by hand; of RFC 8439's test vectors, 2.4.2 would need another counter."""
    extracted = hmac.digest(b"masquerade rotation", SECRET, "sha256")
    key = hmac.digest(extracted, b'["door", "Ada", 1, 3]' + b"\x01", "sha256")
    state = [*np.frombuffer(b"expand 32-byte k", "<u4"), *np.frombuffer(key, "<u4"), 0, 0, 0, 0]
    first = int.from_bytes(chacha20_block([int(word) for word in state])[:8], "little")

    assert KEY.uniforms(Record("door", "Ada", 1), 3)[0] == ((first >> 12) + 0.5) / 2**52


def test_ends_of_the_stream_are_inside_0_and_1() -> None:
    low, high = middles(bytes(8) + b"\xff" * 8)

    assert (low, 1 - high) == (2.0**-53, 2.0**-53)
    assert np.isfinite(ndtri([low, high])).all()


def chacha20_block(state: list[int]) -> bytes:
    """RFC 8439, 2.3."""

    def turned(word: int, bits: int) -> int:
        return (word << bits | word >> (32 - bits)) & 0xFFFFFFFF

    x = list(state)
    columns = [(i, i + 4, i + 8, i + 12) for i in range(4)]
    diagonals = [(i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4) for i in range(4)]
    for _ in range(10):
        for a, b, c, d in columns + diagonals:
            for p, q, r, bits in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
                x[p] = (x[p] + x[q]) & 0xFFFFFFFF
                x[r] = turned(x[r] ^ x[p], bits)
    return b"".join(((a + b) & 0xFFFFFFFF).to_bytes(4, "little") for a, b in zip(x, state, strict=True))


@pytest.mark.parametrize("dimension", [1, 2, 10, 128])
def test_rotation_is_orthogonal(dimension: int) -> None:
    rotation = KEY.rotation(Record("door"), dimension)

    np.testing.assert_allclose(rotation @ rotation.T, np.eye(dimension), atol=1e-13)


def test_rotations_are_uniform() -> None:
    """A rotated unit vector of three dimensions: each coordinate is uniform on [−1, 1] (Archimedes), so its variance is
    1/3; over 4,000 rotations the mean has a standard deviation of √(1/3/4000) = 0.009."""
    first = np.array([KEY.rotation(Record("door", "", number), 3)[:, 0] for number in range(4000)])

    np.testing.assert_allclose(first.mean(axis=0), 0, atol=0.04)
    np.testing.assert_allclose(np.cov(first.T), np.eye(3) / 3, atol=0.03)
    assert np.abs(np.quantile(first, [0.25, 0.75]) - [-0.5, 0.5]).max() < 0.03


names = st.text(max_size=8)
records = st.builds(Record, names, names, st.integers(0, 3))


@given(records, records)
def test_no_two_records_share_a_rotation(one: Record, other: Record) -> None:
    same = np.allclose(KEY.rotation(one, 2), KEY.rotation(other, 2))

    assert same == (one == other)


def test_another_secret_gives_another_rotation() -> None:
    assert not np.allclose(KEY.rotation(Record("door"), 4), MasterKey(bytes(32)).rotation(Record("door"), 4))


def test_secret_is_in_no_text_and_in_no_pickle() -> None:
    assert repr(KEY) == str(KEY) == f"{KEY}" == "MasterKey(…)"
    with pytest.raises(TypeError):
        pickle.dumps(KEY)


def test_keyring_has_a_rotation_for_each_record() -> None:
    ring = Keyring(KEY, [Record("door", "Ada", 1), Record("door", "Bob", 1)])

    ada, bob = ring.rotations(3)

    np.testing.assert_allclose(ada, FIXED, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(bob, KEY.rotation(Record("door", "Bob", 1), 3))


def test_evaluation_has_a_key_that_anybody_can_compute() -> None:
    assert np.allclose(public_key(7).rotation(Record("a"), 3), public_key(7).rotation(Record("a"), 3))
    assert not np.allclose(public_key(7).rotation(Record("a"), 3), public_key(8).rotation(Record("a"), 3))


def test_new_key_is_its_owners_alone_and_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = create_key(tmp_path / "key")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "key"))

    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert len((tmp_path / "key").read_bytes()) == LENGTH
    for read in (read_key(), read_key(tmp_path / "key")):
        np.testing.assert_array_equal(read.rotation(Record("a"), 3), made.rotation(Record("a"), 3))


def test_two_new_keys_differ(tmp_path: Path) -> None:
    create_key(tmp_path / "one")
    create_key(tmp_path / "other")

    assert (tmp_path / "one").read_bytes() != (tmp_path / "other").read_bytes()


def test_key_that_exists_is_not_replaced(tmp_path: Path) -> None:
    create_key(tmp_path / "key")
    before = (tmp_path / "key").read_bytes()

    with pytest.raises(InputError, match="key: the key cannot be written: File exists"):
        create_key(tmp_path / "key")

    assert (tmp_path / "key").read_bytes() == before


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o622])
def test_key_that_others_may_use_is_refused(tmp_path: Path, mode: int) -> None:
    create_key(tmp_path / "key")
    (tmp_path / "key").chmod(mode)

    with pytest.raises(InputError, match=r"key: others may read or change the key: chmod 600$"):
        read_key(tmp_path / "key")


@pytest.mark.parametrize("content", [b"", b"s" * 31, b"s" * 33])
def test_file_of_another_length_is_no_key(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    (tmp_path / "key").chmod(0o600)

    with pytest.raises(InputError) as caught:
        read_key(tmp_path / "key")
    assert caught.value.message == f"{tmp_path / 'key'}: is not a key of 32 bytes"


def test_missing_key_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(InputError, match=f"no key: set {VARIABLE} to the path"):
        read_key()
    with pytest.raises(InputError, match="key: the key cannot be read: No such file"):
        read_key(tmp_path / "key")


def test_secret_in_the_place_of_a_path_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "ab" * 32)

    with pytest.raises(InputError) as caught:
        read_key()
    assert caught.value.message == f"the file that {VARIABLE} names: the key cannot be read: No such file or directory"
