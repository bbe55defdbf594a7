"""Record multiplicity: a thief of the keys has several templates of one person.

Knows F, V, D, templates of one person in several systems, and their keys. Wants F(X). Spends an average.

Without bits one record gives all of F(X) that lies in the components. With bits each record gives the signs of some
random projections, and every further record, with a key of its own, gives others. What several records give is that of
locked vectors, before anything is painted: no template says more than its locked vector.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from masquerade.attacks.finding import Attack, Finding, most
from masquerade.evaluation.bootstrap import interval, resampled_means
from masquerade.evaluation.pairs import compare
from masquerade.keys import Keyring, MasterKey, Record
from masquerade.lock import Lock

ATTACK = Attack(
    title="Record multiplicity: what do several stolen records give?",
    claim="Stolen records and their keys do not give the embedding",
    attacker="knows F, and templates of one person with their keys, and averages what they give",
    measure="cosine of unlocked F(T) with F(X), one record",
    shown="{:.2f}",
    text="""The number of the card is the cosine between F(X) and what the stored template gives with its key. The
table has the cosine for the mean of what `records` of the same image give, each with a key of its own, before
anything is painted. `bits` signs of the rotated components are kept (`evaluation.keys.bits`; all: the numbers, of
which one record is enough). `eer` is that of plain probes against the mean: fewer bits give less away and recognise
worse. The floor is the cosine with F(X) of other people.""",
    column="cosine",
    by=("bits", "records"),
)


RECORDS = (1, 2, 4, 8, 16)
"""Numbers of stolen records of one image."""

COLUMNS = ("cosine", "eer")
"""Of the table of :func:`multiplicity`."""

LABELS, IMAGES = 10, 10
"""Labels, the largest, and images of each, at most: each of their records has a rotation of its own."""

PERMUTATIONS = 1000
"""Draws behind a floor."""


def found(
    given: np.ndarray,
    vectors: np.ndarray,
    labels: np.ndarray,
    subjects: np.ndarray,
    replicates: int,
    confidence: float,
    seed: int,
) -> Finding:
    """Compare what records give, unit vectors (n, m), with F(X); the floor is F(X) of other people by chance."""
    own = np.minimum(np.sum(given * vectors, axis=1), 1)  # rounding
    low, high = interval(resampled_means(own, subjects, replicates, seed), confidence)
    rng, others = np.random.default_rng(seed), labels[:, None] != labels
    weights = (rng.random((PERMUTATIONS, *others.shape)) * others).argmax(axis=2)
    chance = np.take_along_axis(given @ vectors.T, weights.T, axis=1).mean(axis=0)
    return Finding(float(own.mean()), low, high, float(chance.mean()), most(chance), 1.0)


def multiplicity(
    vectors: np.ndarray, labels: np.ndarray, lock: Callable[[Keyring], Lock], master: MasterKey
) -> pd.DataFrame:
    """Average what stolen records give.

    Args:
        vectors: F(X), unit vectors (n, m).
        labels: int (n,), who they are of.
        lock: makes the lock of a system of n records with these keys.

    Returns:
        ``cosine`` with F(X), a mean over the images, and ``eer`` of plain probes against the mean of the records, a row
        for each number of ``records``.
    """
    rows, total, done = {}, np.zeros(vectors.shape), 0
    for records in RECORDS:
        for number in range(done, records):
            names = [Record("multiplicity", str(image), number) for image in range(len(vectors))]
            system = lock(Keyring(master, names))
            total += system.unlock(system.lock(vectors))
        done = records
        mean = (total / np.linalg.norm(total, axis=1, keepdims=True)).astype(np.float32)
        eer = compare(vectors, mean, labels, np.arange(len(labels))).rates.eer
        rows[records] = (float(np.sum(mean * vectors, axis=1).mean()), eer)
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(COLUMNS)).rename_axis("records")
