"""Key recovery: an attacker who knows images together with their templates looks for the key of other templates.

Knows F, V, D (masquerade/lock.py) and n pairs (X, T) of people who are not attacked, no key. Wants the rotation that
unlocks the templates of others. Spends one orthogonal Procrustes problem (Schönemann 1966): the R̂ that turns the
codes of F(X) into those of F(T) with the least squares. Directions that no pair shows are left out: filled up, they
would hold nothing but chance.

Two systems are attacked. Scope ``record``: every template has a key of its own. Scope ``system``: all templates share
one key. Nothing is painted again for either: each stored template is unlocked with its key, which is public in the
evaluation, and what it holds is locked with the key of the scope, so the painting's error is that of real templates.

A template without a key has nothing to find: F(T) is compared with F(X) as it is, n = 0.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, Self

import numpy as np
import pandas as pd

from masquerade.attacks.finding import Attack, Finding, most
from masquerade.attacks.linkability import bins_for, local
from masquerade.blas import one_thread
from masquerade.evaluation.bootstrap import interval, resampled_means
from masquerade.evaluation.pairs import Comparison, compare
from masquerade.lock import Components

ATTACK = Attack(
    title="Key recovery: do known pairs of images and templates give the key away?",
    claim="Known pairs of images and templates unlock no other template",
    attacker="knows F, the space of the lock and as many pairs as there are images of people who are not attacked",
    measure="mean cosine of unlocked F(T) and F(X), −1 to 1",
    shown="{:.2f}",
    text="""The attacker solves for the rotation between `n` known images and their templates, and unlocks with it the
templates of other people. Rows: `record`, every template has a key of its own; `system`, all share one key; `none`,
there is no key to find. `cosine` is that of the unlocked `F(T)` and `F(X)` inside the components; `eer` is that of
plain probes against the templates so unlocked, and `d_sys` the linkability of these scores (see "Linkability"), means
over draws of the pairs. The columns `right_key_…` are those of the right key; the key counts as `found` once `eer` is
within one point of its. The floor is a random rotation, which the rows `record` show as well, the ceiling the right
key. One key for all gives way to about as many pairs as there are components (dotted line): a
system needs a key for each record. With a key for each record, one rotation fits none of them: that is no weakness of
the attack, there is nothing that the pairs of others could tell.""",
    column="cosine",
    by=("scope", "n"),
)


Scope = Literal["record", "system"]

DRAWS = 3
"""Random choices of n known pairs behind a row."""

CHANCE = 1000
"""Random rotations behind a floor."""

WITHIN = 0.01
"""EER above that with the right key at which the key counts as found."""


def recover(codes: np.ndarray, locked: np.ndarray) -> np.ndarray:
    """Return R̂ (k, k), which turns codes (n, k) into locked ones (n, k) with the least squares.

    Where the codes fill r < k dimensions, R̂ has rank r: what lies beyond them is left out.
    """
    left, strengths, right = np.linalg.svd(locked.T @ codes)
    rank = int(np.sum(strengths > 1e-9 * strengths[0]))
    return left[:, :rank] @ right[:rank]


def unlocked(recovered: np.ndarray, locked: np.ndarray) -> np.ndarray:
    """Return unit(R̂ᵀ·c) of locked codes (n, k), or zero where R̂ leaves nothing of c."""
    codes = locked @ recovered
    return codes / np.maximum(np.linalg.norm(codes, axis=1, keepdims=True), 1e-12)


def cosines(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the cosine (n,) of each row with the same row, both of unit length."""
    return np.einsum("ij,ij->i", a, b)


def rotations(count: int, dimension: int, seed: int) -> Iterator[np.ndarray]:
    """Yield uniformly random rotations (k, k)."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        q, r = np.linalg.qr(rng.normal(size=(dimension, dimension)))
        yield q * np.sign(np.diagonal(r))


def found(
    recovered: np.ndarray,
    codes: np.ndarray,
    locked: np.ndarray,
    subjects: np.ndarray,
    replicates: int,
    confidence: float,
    seed: int,
    ceiling: float,
) -> Finding:
    """Return the mean cosine on templates (n, k) that are attacked, beside that of random rotations."""
    each = cosines(unlocked(recovered, locked), codes)
    with one_thread():  # more take longer for matrices as small as these
        chance = [
            cosines(unlocked(rotation, locked), codes).mean() for rotation in rotations(CHANCE, codes.shape[1], seed)
        ]
    low, high = interval(resampled_means(each, subjects, replicates, seed), confidence)
    return Finding(float(each.mean()), low, high, float(np.mean(chance)), most(np.array(chance)), ceiling)


class Unlocked(NamedTuple):
    """What unlocked templates give.

    Attributes:
        cosine: mean, of F(T) and F(X).
        eer: of plain probes against them.
        d_sys: linkability of the same scores, 0 to 1.
    """

    cosine: float
    eer: float
    d_sys: float

    @classmethod
    def of(cls, cosine: float, comparison: Comparison) -> Self:
        """Take the rest from a comparison of plain probes with the templates."""
        return cls(cosine, comparison.rates.eer, linked(comparison))


def linked(comparison: Comparison) -> float:
    """Return D_sys of the scores of a comparison, in as many bins as :mod:`masquerade.attacks.linkability` has."""
    genuine, impostor = comparison.genuine, comparison.impostor
    edges = np.histogram_bin_edges(np.concatenate([genuine, impostor]), bins_for(len(genuine)))
    p, q = (np.histogram(scores, edges)[0] / len(scores) for scores in (genuine, impostor))
    return float((local(p, q) * p).sum())


@dataclass(frozen=True)
class Victims:
    """The images of the people who are attacked, and of those whom the attacker knows.

    Attributes:
        probes: F(X), unit vectors (n, m).
        labels, subjects: int (n,).
        attacked, known: bool (n,).
    """

    probes: np.ndarray
    labels: np.ndarray
    subjects: np.ndarray
    attacked: np.ndarray
    known: np.ndarray

    def comparison(self, templates: np.ndarray) -> Comparison:
        """Compare plain probes of the attacked people with their templates, unit vectors (a, m)."""
        its = self.attacked
        return compare(self.probes[its], templates, self.labels[its], self.subjects[its])

    def without_key(self, templates: np.ndarray) -> pd.DataFrame:
        """Read templates that have no key, F(T) (n, m): there is nothing to find."""
        real, seen = self.probes[self.attacked], templates[self.attacked]
        given = Unlocked.of(float(cosines(seen, real).mean()), self.comparison(seen))
        return rows({("none", 0): [given]}, given)

    def attack(
        self,
        components: Components,
        templates: np.ndarray,
        locked: Mapping[Scope, np.ndarray],
        scope: Scope,
        replicates: int,
        confidence: float,
        seed: int,
    ) -> tuple[pd.DataFrame, Finding]:
        """Look for the key with more and more known pairs.

        Args:
            templates: F(T), unlocked with the right keys, (n, m).
            locked: codes (n, k) of the same under the keys of each scope.
            scope: of the keys that are attacked for the finding.

        Returns:
            The table, and what all known pairs give.
        """
        codes, its = components.codes(self.probes), self.attacked
        known = np.flatnonzero(self.known)
        rng = np.random.default_rng(seed)
        drawn: dict[tuple[str, int], list[Unlocked]] = {}
        for count in numbers_of_pairs(len(known), codes.shape[1]):
            for _ in range(DRAWS if count < len(known) else 1):
                pairs = rng.permutation(known)[:count]
                for tried, turned in locked.items():
                    back = unlocked(recover(codes[pairs], turned[pairs]), turned[its])
                    cosine = float(cosines(back, codes[its]).mean())
                    given = Unlocked.of(cosine, self.comparison(components.vectors(back)))
                    drawn.setdefault((tried, count), []).append(given)
        ceiling = float(cosines(components.codes(templates[its]), codes[its]).mean())
        own = locked[scope]
        best = recover(codes[known], own[known])
        finding = found(best, codes[its], own[its], self.subjects[its], replicates, confidence, seed, ceiling)
        return rows(drawn, Unlocked.of(ceiling, self.comparison(templates[its]))), finding


def numbers_of_pairs(known: int, dimension: int) -> list[int]:
    """Return 1, 2, 4, … up to the number of known pairs, that number, and k if it is not larger."""
    powers = {2**exponent for exponent in range(known.bit_length())}
    return sorted(powers | {known} | ({dimension} if dimension <= known else set()))


def rows(drawn: Mapping[tuple[str, int], list[Unlocked]], right: Unlocked) -> pd.DataFrame:
    """Return the table: a row for each scope and ``n``, means over the draws, beside what the right key gives."""
    means = {key: np.mean(each, axis=0) for key, each in drawn.items()}
    table = pd.DataFrame.from_dict(means, orient="index", columns=list(Unlocked._fields))
    table.index = pd.MultiIndex.from_tuples(means, names=["scope", "n"])
    table = table.sort_index()
    for name, value in right._asdict().items():
        table[f"right_key_{name}"] = value
    table["found"] = table["eer"] <= right.eer + WITHIN
    return table


def breaks_at(table: pd.DataFrame, scope: Scope) -> int | None:
    """Return the smallest number of pairs that give the key of a scope."""
    its = table.xs(scope)
    return min(its.index[its["found"]], default=None)
