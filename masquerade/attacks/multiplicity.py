"""Record multiplicity: a thief of the keys has several templates of one person.

Knows F, V, D, templates of one person in several systems, and their keys. Wants F(X). Spends an average.

Without bits one record gives all of F(X) that lies in the components. With bits each record gives the signs of some
random projections, and every further record, with a key of its own, gives others. Locked vectors are attacked, before
anything is painted: no template says more than its locked vector.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from masquerade.attacks.finding import LUCK, Attack
from masquerade.evaluation.pairs import compare
from masquerade.keys import Keyring, MasterKey, Record
from masquerade.lock import Lock

ATTACK = Attack(
    title="Record multiplicity: what do several stolen records give?",
    claim="Stolen records and their keys do not give the embedding",
    attacker="knows F, and templates of one person with their keys, and averages what they give",
    measure="cosine with F(X), one record",
    shown="{:.2f}",
    text="""The cosine between F(X) and the mean of what `records` of the same image give, each with a key of its own
that was stolen, before anything is painted. `bits` signs of the rotated components are kept (`evaluation.keys.bits`;
all: the numbers, not their signs). `eer` is that of plain probes against one such record: fewer bits give less away
and recognise worse. The floor is the mean over cosines with other people's F(X).""",
)

RECORDS = (1, 2, 4, 8, 16)
"""Numbers of stolen records of one image."""

IMAGES = 100
"""Images, at most: each of their records has a rotation of its own."""

PERMUTATIONS = 1000
"""Draws behind a floor."""


def multiplicity(
    vectors: np.ndarray, labels: np.ndarray, lock: Callable[[Keyring], Lock], master: MasterKey
) -> pd.DataFrame:
    """Average what stolen records give.

    Args:
        vectors: F(X), unit vectors (n, m).
        labels: int (n,), who they are of.
        lock: makes the lock of a system of n records with these keys.

    Returns:
        A row for each number of ``records``: ``cosine`` with F(X), and ``low`` and ``high``, its 2.5 % and 97.5 %
        quantiles over the images; ``floor``, the cosine with F of other people, and ``limit``, the most that chance
        gives; ``eer`` of plain probes against the mean.
    """
    rows, total, done = {}, np.zeros(vectors.shape), 0
    rng, others = np.random.default_rng(0), labels[:, None] != labels
    for records in RECORDS:
        for number in range(done, records):
            names = [Record("multiplicity", str(image), number) for image in range(len(vectors))]
            system = lock(Keyring(master, names))
            total += system.unlock(system.lock(vectors))
        done = records
        mean = (total / np.linalg.norm(total, axis=1, keepdims=True)).astype(np.float32)
        cosines = np.minimum(mean @ vectors.T, 1)  # rounding
        own = np.diagonal(cosines)
        low, high = np.quantile(own, [0.025, 0.975])
        chance = [cosines[np.arange(len(vectors)), rng.permutation(len(vectors))].mean() for _ in range(PERMUTATIONS)]
        eer = compare(vectors, mean, labels, np.arange(len(labels))).rates.eer
        rows[records] = (own.mean(), low, high, cosines[others].mean(), np.quantile(chance, LUCK), eer)
    columns = ["cosine", "low", "high", "floor", "limit", "eer"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("records")
