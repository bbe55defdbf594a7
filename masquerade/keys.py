"""Secret keys: one master secret, from which a rotation is derived for every record and never stored.

R_k = Haar(ChaCha20(HKDF-SHA256(secret; system, subject, number))): whoever lacks the secret cannot tell it from a
random one (RFC 5869, RFC 8439; Mezzadri 2007 for the rotation).
"""

import json
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, NoReturn

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from scipy.special import ndtri

from masquerade.errors import InputError

VARIABLE = "MASQUERADE_KEY"
"""Environment variable with the path of the file of the master secret."""

LENGTH = 32
"""Bytes of a master secret."""


class Record(NamedTuple):
    """What a key belongs to: one template in a system. Two records of a person have keys of their own."""

    system: str
    subject: str = ""
    number: int = 0


class MasterKey:
    """The master secret of a system. It never shows its bytes.

    Args:
        secret: :data:`LENGTH` random bytes.
    """

    def __init__(self, secret: bytes) -> None:
        if len(secret) != LENGTH:
            raise ValueError(f"a master secret has {LENGTH} bytes, not {len(secret)}")
        self._secret = secret

    def __repr__(self) -> str:
        return "MasterKey(…)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a master secret is not pickled")

    @property
    def epoch(self) -> str:
        """A fingerprint, 16 hexadecimal digits, which tells secrets apart and says nothing about them."""
        return HKDF(SHA256(), 8, salt=None, info=b"masquerade epoch").derive(self._secret).hex()

    def rotation(self, record: Record, dimension: int) -> np.ndarray:
        """Return R_k, an orthogonal matrix (k, k) float64, uniform (Haar) over all of them.

        The same on every machine, to 1e-12.
        """
        normals = ndtri(self.uniforms(record, dimension)).reshape(dimension, dimension)
        q, r = np.linalg.qr(normals)
        return q * np.sign(np.diagonal(r))  # a QR decomposition is unique, and Q uniform, once R's diagonal is positive

    def uniforms(self, record: Record, dimension: int) -> np.ndarray:
        """Return numbers (dimension²,) in (0, 1) with 52 random bits: the middles of 2⁵² equal intervals, exactly."""
        name = json.dumps([*record, dimension]).encode()  # quotes and commas inside a name are escaped
        key = HKDF(SHA256(), LENGTH, salt=b"masquerade rotation", info=name).derive(self._secret)
        # A key is used for one stream, so the nonce may be constant.
        stream = Cipher(ChaCha20(key, bytes(16)), mode=None).encryptor().update(bytes(8 * dimension**2))
        return middles(stream)


def middles(stream: bytes) -> np.ndarray:
    """Turn every 8 bytes into a number in (0, 1)."""
    return ((np.frombuffer(stream, "<u8") >> np.uint64(12)) + 0.5) / 2.0**52


@dataclass(frozen=True)
class Keyring:
    """The keys of n records."""

    master: MasterKey
    records: Sequence[Record]

    def rotations(self, dimension: int) -> Iterator[np.ndarray]:
        """Yield the rotation of each record, float64 (k, k); of all together, a thousand of 128² would take 130 MB."""
        before: Record | None = None
        for record in self.records:
            if record != before:
                before, rotation = record, self.master.rotation(record, dimension)
            yield rotation


def read_key(path: Path | None = None) -> MasterKey:
    """Read the master secret from a file, or from the one that the environment variable names.

    No message shows the variable's value: somebody may have put the secret itself there.

    Raises:
        InputError: there is no such file, others may read or change it, or it does not hold a secret.
    """
    chosen, called = path, str(path)
    if chosen is None:
        if not os.environ.get(VARIABLE):
            raise InputError(f"no key: set {VARIABLE} to the path of the file with the master secret")
        chosen, called = Path(os.environ[VARIABLE]), f"the file that {VARIABLE} names"
    try:
        with chosen.open("rb") as file:
            mode, secret = os.fstat(file.fileno()).st_mode, file.read(LENGTH + 1)
    except OSError as error:
        raise InputError(f"{called}: the key cannot be read: {error.strerror}") from error
    if stat.S_IMODE(mode) & 0o077:
        raise InputError(f"{called}: others may read or change the key: chmod 600")
    if len(secret) != LENGTH:
        raise InputError(f"{called}: is not a key of {LENGTH} bytes")
    return MasterKey(secret)


def create_key(path: Path) -> MasterKey:
    """Write a new master secret that nobody but the file's owner can read; a file that exists is never replaced.

    Raises:
        InputError: the file exists, or cannot be written.
    """
    secret = os.urandom(LENGTH)
    try:
        with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:  # noqa: PTH123
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise InputError(f"{path}: the key cannot be written: {error.strerror}") from error
    return MasterKey(secret)


def public_key(seed: int) -> MasterKey:
    """Return the master secret of the evaluation, which anybody can compute from ``evaluation.keys.seed``."""
    return MasterKey(HKDF(SHA256(), LENGTH, salt=None, info=b"masquerade evaluation").derive(str(seed).encode()))
