"""What a protection of embeddings is, and the token that it needs."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from masquerade.keys import MasterKey, Record


@dataclass(frozen=True)
class Token:
    """The random numbers that a person, or a record of a person, has for itself.

    They come from NumPy's PCG64, seeded with 208 bits of the record's key (:mod:`masquerade.keys`). PCG64 is quick and
    the same on every machine, but no cipher: it is good for an evaluation, not for a system.
    """

    master: MasterKey
    record: Record

    def stream(self) -> np.random.Generator:
        """Return its random numbers, from the first on."""
        return np.random.default_rng([int(each * 2**52) for each in self.master.uniforms(self.record, 2)])


@dataclass(frozen=True)
class Protection:
    """A published scheme.

    Attributes:
        title: its name for people, with its size.
        source: authors and year.
        bits: of a template, by m, the length of the embedding; numbers that are not bits or codes count 32.
        protect: unit vectors float32 (n, m), all under one token → templates float32 (n, k). All have one length, so
            that their cosine gives the scheme's score.
        unlock: what a thief of templates and token has without any search: templates (n, k), their token and m →
            estimates of the embeddings, unit vectors float32 (n, m). None if there is no closed form.
    """

    title: str
    source: str
    bits: Callable[[int], int]
    protect: Callable[[np.ndarray, Token], np.ndarray]
    unlock: Callable[[np.ndarray, Token, int], np.ndarray] | None = None


def unit(vectors: np.ndarray) -> np.ndarray:
    """Scale vectors (n, m) to length 1, float32; 0 stays 0."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)
