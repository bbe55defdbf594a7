"""Who holds which token when templates are attacked: the normal and the stolen-token scenario, and tokens of records.

A genuine probe is always protected with the token of the template. An impostor's is protected with the impostor's own
token (normal), or with the victim's (stolen token).
"""

import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar

import numpy as np

from masquerade.blas import one_thread
from masquerade.evaluation.pairs import Comparison, compare
from masquerade.keys import MasterKey, Record
from masquerade.protections.base import Protection, Token, unit

Item = TypeVar("Item")
Result = TypeVar("Result")


class Scenarios(NamedTuple):
    """Every probe against the template of every other image; the distances are 2·(1 − cosine)."""

    normal: Comparison
    stolen: Comparison


class Linkable(NamedTuple):
    """Templates, each under a token of its own.

    Attributes:
        secret: unit vectors (n, k), what a thief of the templates compares.
        stolen: unit vectors (n, m), embeddings as estimated by a thief who has the tokens as well; None if there is no
            closed form.
    """

    secret: np.ndarray
    stolen: np.ndarray | None


def scenarios(
    scheme: Protection, tokens: Mapping[int, Token], vectors: np.ndarray, labels: np.ndarray, subjects: np.ndarray
) -> Scenarios:
    """Protect embeddings with a token for each label, and compare them in both ways.

    All vectors are protected under all tokens.

    Args:
        tokens: by label.
        vectors: unit vectors float32 (n, m).
        labels: int (n,).
        subjects: int (n,), what a confidence interval resamples.
    """

    def under(person: int) -> tuple[np.ndarray, np.ndarray]:
        protected = scheme.protect(vectors, tokens[person])
        templates = protected[labels == person]
        return templates, cosines(protected, templates)

    # The columns of a matrix, in the order of the images again.
    order = np.argsort(np.argsort(labels, kind="stable"))
    templates, to_them = zip(*side_by_side(under, np.unique(labels).tolist()), strict=True)
    own = np.concatenate(templates)[order]
    return Scenarios(
        _compared(cosines(own, own), labels, subjects), _compared(np.hstack(to_them)[:, order], labels, subjects)
    )


def linkable(scheme: Protection, tokens: Iterable[Token], vectors: np.ndarray) -> Linkable:
    """Protect each vector (n, m) with a token of its own."""

    def under(given: tuple[np.ndarray, Token]) -> tuple[np.ndarray, np.ndarray | None]:
        template = scheme.protect(given[0][None], given[1])
        return template, scheme.unlock and scheme.unlock(template, given[1], vectors.shape[1])

    templates, estimates = zip(*side_by_side(under, list(zip(vectors, tokens, strict=True))), strict=True)
    return Linkable(unit(np.concatenate(templates)), np.concatenate(estimates) if scheme.unlock else None)


def token_of(master: MasterKey, scheme: str, subject: str, number: int = 0) -> Token:
    """Return the token of a person, or with a number from 1 on that of a record of the person."""
    return Token(master, Record(scheme, subject, number))


def cosines(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the cosine of every template (n, k) with every one of (l, k), float32 (n, l).

    Equal shares of equal bits or codes give equal cosines to the last digit, because the products are whole numbers.
    """
    return a @ b.T / np.rint(np.square(a[0], dtype=np.float64).sum()).astype(np.float32)


def side_by_side(function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Apply a function to each item, a processor for each; none waits for another inside a matrix product."""
    with one_thread(), ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(function, items))


def _compared(cosines: np.ndarray, labels: np.ndarray, subjects: np.ndarray) -> Comparison:
    # A probe whose coordinates are its cosines with all templates, and templates that are unit vectors of their own.
    return compare(cosines, np.eye(len(labels), dtype=np.float32), labels, subjects)
