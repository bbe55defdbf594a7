"""Renewability: an attacker who holds templates that were revoked tries to be accepted with them.

A system that has lost its templates revokes their keys and renews them, without the images: the old key unlocks F(T),
a new one locks it (masquerade/generators/renew.py).

Knows F and all old templates, and with ``stolen`` their keys. Wants to be accepted at the threshold of FMR 1 % of
real images. Spends one comparison a pair. With the keys ``secret``, the old templates meet genuine probes in the new
system, which unlocks them with the new keys. With ``stolen`` ones, the attacker unlocks them, paints what they hold
and presents it to the renewed templates. A template without a key is a function of X: renewed, it is the same, and
nothing can be revoked.

Two numbers are about the owner's side: the EER after some renewals in a row, each of which adds the error of one
painting, and how many of the templates of one image under 60 keys could be given out without any two matching. (Those
are locked vectors, without painting, which would take an hour.)
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np

from masquerade.attacks.finding import Attack, Finding, most
from masquerade.attacks.linkability import groups
from masquerade.evaluation.bootstrap import interval, resampled_means, resampled_rates
from masquerade.evaluation.pairs import Comparison, compare, paired_distances, squared_distances

ATTACK = Attack(
    title="Renewability: does a revoked template still match?",
    claim="A revoked template no longer matches",
    attacker="knows F and the templates from before the renewal",
    measure="share of genuine comparisons with old templates that match under the new keys at FMR 1 %",
    shown="{:.1%}",
    text="""Templates are renewed without the images: the old key unlocks `F(T)`, a new one locks it, and `G` paints
it. Rows by the number of `renewals` in a row, until `eer` (plain probes against renewed templates) has risen by 0.3
points; `d_emb` is how far they have moved from `F(X)`. `genuine`: share of genuine comparisons that match at the
threshold of FMR 1 % of real images; `revoked`: the same of the first templates under the keys of this row, as an
attacker would submit them; in row 0 they are still valid. `distinct`: of the templates of one image under 60 keys,
the largest set found in which no two match (mean over images). The floor is what comparisons with other people's
revoked templates give, the limit at least the 1 % of the operating point, the ceiling what valid templates give.
Whoever has stolen the old keys too holds `F(X)`, which cannot be revoked: what the stolen templates hold is
presented to the renewed ones. A template without a key is renewed into itself.""",
    column="eer",
    by=("renewals",),
)


FMR = 0.01
"""Of the operating point, on real images."""

RISE = 0.003
"""EER above that before the first renewal at which the renewals end."""

DRAWS = 100
"""Draws behind a floor."""

KEYS = 60
"""Keys of one image."""


@dataclass(frozen=True)
class System:
    """A system that compares plain probes with unlocked templates of the same images, at one threshold.

    Attributes:
        probes: F(X), unit vectors (n, m).
        labels, subjects: int (n,).
        threshold: d_F at which a comparison matches, at most.
    """

    probes: np.ndarray
    labels: np.ndarray
    subjects: np.ndarray
    threshold: float

    @classmethod
    def of(cls, probes: np.ndarray, labels: np.ndarray, subjects: np.ndarray) -> Self:
        """Take the threshold from comparisons of the images with each other."""
        threshold = compare(probes, probes, labels, subjects).rates.threshold_at(FMR)
        return cls(probes, labels, subjects, threshold)

    def comparison(self, templates: np.ndarray) -> Comparison:
        """Compare all probes with templates (n, m) of other images."""
        return compare(self.probes, templates, self.labels, self.subjects)

    def genuine(self, templates: np.ndarray) -> float:
        """Return the share of mated comparisons that match."""
        return _share(self._matches(templates, its, its)[~np.eye(len(its), dtype=bool)] for its in groups(self.labels))

    def non_mated(self, templates: np.ndarray, rng: np.random.Generator) -> float:
        """Return the share of comparisons of each label's probes with the templates of another label, drawn by chance.

        Probes of one label are alike: they match a template together or not at all. So they do here.
        """
        members = list(groups(self.labels))
        circle = [members[at] for at in rng.permutation(len(members))]
        return _share(self._matches(templates, *pair) for pair in pairwise([*circle, circle[0]]))

    def _matches(self, templates: np.ndarray, probes: np.ndarray, others: np.ndarray) -> np.ndarray:
        """Compare the probes of some images (p,) with templates of others (q,): bool (p, q)."""
        return squared_distances(self.probes[probes], templates[others]) <= self.threshold

    def eer(self, templates: np.ndarray) -> float:
        """Return the EER of plain probes against templates (n, m)."""
        return self.comparison(templates).rates.eer

    def row(self, templates: np.ndarray, revoked: np.ndarray) -> dict[str, float]:
        """Return a row of the table.

        Args:
            templates: unit vectors (n, m), renewed, and unlocked with their keys.
            revoked: the first ones, unlocked with the same keys.
        """
        return {
            "eer": self.eer(templates),
            "d_emb": float(paired_distances(self.probes, templates).mean()),
            "genuine": self.genuine(templates),
            "revoked": self.genuine(revoked),
        }

    def submitted(self, revoked: np.ndarray, ceiling: float, replicates: int, confidence: float, seed: int) -> Finding:
        """Compare genuine probes with revoked templates (n, m), as the system unlocks them."""
        rng = np.random.default_rng(seed)
        chance = np.array([self.non_mated(revoked, rng) for _ in range(DRAWS)])
        tmr, _ = resampled_rates(self.comparison(revoked), self.threshold, replicates, seed)
        low, high = interval(tmr, confidence)
        return Finding(self.genuine(revoked), low, high, float(chance.mean()), max(FMR, most(chance)), ceiling)

    def presented(
        self, held: np.ndarray, templates: np.ndarray, replicates: int, confidence: float, seed: int
    ) -> Finding:
        """Present what revoked templates hold to the renewed ones of the same records, both unlocked (n, m).

        The floor presents them to the renewed templates of records that chance chooses.
        """
        rng = np.random.default_rng(seed)
        matches = paired_distances(held, templates) <= self.threshold
        low, high = interval(resampled_means(matches, self.subjects, replicates, seed), confidence)
        draws = [paired_distances(rng.permutation(held), templates) <= self.threshold for _ in range(DRAWS)]
        chance = np.mean(draws, axis=1)
        return Finding(float(matches.mean()), low, high, float(chance.mean()), most(chance), 1.0)


def _share(matches: Iterable[np.ndarray]) -> float:
    """Return the share of what is true in all arrays together."""
    counts = np.array([(each.sum(), each.size) for each in matches])
    return float(counts[:, 0].sum() / counts[:, 1].sum())


def distinct(vectors: Iterable[np.ndarray], threshold: float) -> float:
    """Return how many templates of one image could be given out without any two matching, a mean over images.

    Args:
        vectors: for each image, locked unit vectors (keys, m).
    """
    return float(np.mean([independent(squared_distances(each, each) <= threshold) for each in vectors]))


def independent(matches: np.ndarray) -> int:
    """Return the size of a large set of rows no two of which match, bool (n, n).

    The row with the fewest matches among those left is taken, again and again; the largest set may be larger.
    """
    left, size = np.ones(len(matches), bool), 0
    while left.any():
        degrees = np.where(left, (matches & left).sum(axis=1), len(matches) + 1)
        left &= ~matches[degrees.argmin()]
        left[degrees.argmin()] = False
        size += 1
    return size
