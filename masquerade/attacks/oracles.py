"""Oracles: an attacker asks a verifier, which holds the template and its key, and learns from the answers.

Knows F and the images of people who are not attacked, neither template nor key. May submit any unit vector as
F(probe): whoever knows F can paint an image for any vector, as the generators do. Wants a vector u near the one that
the verifier holds: an image painted for it is accepted from then on, and it says about F(X) what the template says.
Spends queries; the numbers are shares of the attacked templates by what they cost.

Two verifiers answer. One shows the score d_F = 2 − 2⟨u, p⟩ of a probe p: each score is a linear equation for u, and
as many as F has dimensions suffice (least squares), even if they are rounded to two digits. The other accepts or
rejects at the threshold of FMR 0.1 % of real images. The attacker guesses until a probe p is accepted, first
embeddings of other people, then vectors drawn from their normal distribution. Guesses of the template's own label are
left out: they would be genuine probes. After that it walks: on the great circle through p and any direction, what is
accepted is an arc whose middle is nearest to u. Both its ends are found by bisection; p moves to the middle and turns
to the next direction, largest principal components first. The threshold need not be known.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from masquerade.attacks.finding import Attack, Finding
from masquerade.evaluation.bootstrap import interval, resampled_means
from masquerade.evaluation.pairs import paired_distances, squared_distances

ATTACK = Attack(
    title="Oracles: what do a verifier's answers give away?",
    claim="The scores that a verifier shows give no template away",
    attacker="knows F, neither template nor key; sees 1.5 scores per dimension of F, rounded to two digits",
    measure="share of the templates for which the vector found from the scores is accepted",
    shown="{:.0%}",
    text="""The attacker submits vectors of its choice (whoever knows `F` can paint an image for any) to a verifier
that holds the template and its key. From `scores`, exact or rounded to two digits, it solves for the template's
vector by least squares: no key helps, since the verifier unlocks. From `answers` alone, accept or reject at the
threshold of FMR 0.1 % of real images, it guesses until a probe is accepted and then walks along the border of what
is accepted. `verifies`: share of the templates for which the vector found is accepted; `near`: share whose vector is
found to half the threshold; `d_f`: median distance of the vector found. The floor is what as many guesses reach that
learn nothing, the ceiling the same attack on enrolled real images. A system must hide its scores, and limit the
tries: the rows with few `queries` say how much that helps.""",
    column="verifies",
    by=("oracle", "queries"),
)


FMR = 0.001
"""Of the verifier's threshold on real images."""

ROUNDED = "scores, two digits"
"""The oracle of the finding."""

SCORES = (5, 10, 25, 50, 100)
"""Numbers of scores in the table, besides three halves of F's dimensions."""

QUERIES = (5, 10, 100, 1000, 3000, 10_000)
"""Numbers of answers in the table."""

STEPS = 10
"""Bisections for an end of an arc: π/2¹⁰ = 0.003."""

BLOCK = 512
"""Templates whose distances to all guesses are in memory at a time."""


class Guesses(NamedTuple):
    """Probes that learn nothing, in the order in which they are submitted.

    Attributes:
        vectors: unit vectors (g, m).
        labels: int (g,), −1 for a drawn one.
    """

    vectors: np.ndarray
    labels: np.ndarray


def guesses(public: np.ndarray, labels: np.ndarray, count: int, seed: int) -> Guesses:
    """Return the embeddings (n, m) of other people in any order, and then draws from their normal distribution."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(public))[:count]
    mean = public.mean(axis=0)
    weights = rng.normal(size=(count - len(order), len(public))) / np.sqrt(len(public))
    drawn = _unit(mean + weights @ (public - mean))
    numbers = np.append(labels[order], np.full(len(drawn), -1))
    return Guesses(np.concatenate([public[order], drawn]).astype(np.float32), numbers)


def score_probes(public: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Return unit vectors (count, m) to ask scores of: half of them embeddings of others, half in any direction."""
    rng = np.random.default_rng(seed)
    probes = _unit(rng.normal(size=(count, public.shape[1])))
    known = public[rng.permutation(len(public))][: len(probes[::2])]
    probes[::2][: len(known)] = known
    return probes


def solve(probes: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Return unit vectors (n, m) whose scores d = 2 − 2⟨u, p⟩ with the probes (q, m) are nearest to these (n, q).

    With fewer scores than dimensions, the shortest of the solutions before it is scaled.
    """
    return _unit(np.linalg.lstsq(probes, 1 - scores.T / 2, rcond=None)[0].T)


class Walk(NamedTuple):
    """An attack with accept or reject.

    Attributes:
        accepted: int (n,), the guess that was accepted, from 1, or a number above :data:`QUERIES`.
        distances: (n, m + 1), d_F to u of the first guess, then of p when it was accepted, and after each of the m − 1
            directions.
    """

    accepted: np.ndarray
    distances: np.ndarray

    def after(self, queries: int) -> np.ndarray:
        """Return d_F (n,) of the vector that the attacker has after this many queries."""
        walked = 1 + (queries - self.accepted) // (2 * STEPS)
        return self.distances[np.arange(len(walked)), np.clip(walked, 0, self.distances.shape[1] - 1)]


def walk(targets: np.ndarray, labels: np.ndarray, tried: Guesses, directions: np.ndarray, threshold: float) -> Walk:
    """Attack verifiers that accept a probe at d_F ≤ threshold, below 2: the far side of the sphere is rejected.

    Args:
        targets: unit vectors (n, m) that the verifiers hold.
        labels: int (n,), guesses of them are left out.
        directions: an orthonormal basis (m, m), a direction each row, the most promising first.
    """
    accepted = np.full(len(targets), max(*QUERIES, len(tried.vectors)) + 1)
    begun, start = np.empty(targets.shape), np.empty(targets.shape)
    for first in range(0, len(targets), BLOCK):
        block = slice(first, first + BLOCK)
        others = tried.labels != labels[block, None]
        begun[block] = tried.vectors[others.argmax(axis=1)]
        hits = (squared_distances(targets[block], tried.vectors) <= threshold) & others
        rows = np.flatnonzero(hits.any(axis=1))
        at = hits[rows].argmax(axis=1)
        accepted[first + rows] = np.cumsum(others[rows], axis=1)[np.arange(len(rows)), at]
        start[first + rows] = tried.vectors[at]
    inside = accepted <= len(tried.vectors)
    distances = paired_distances(begun, targets)[:, None].repeat(targets.shape[1] + 1, axis=1)
    distances[inside, 1:] = _climb(start[inside], targets[inside].astype(np.float64), directions, 1 - threshold / 2)
    return Walk(accepted, distances)


def _climb(start: np.ndarray, targets: np.ndarray, directions: np.ndarray, least: float) -> np.ndarray:
    """Walk from accepted probes (n, m); return d_F (n, m) at the start and after each direction.

    A reflection that takes the first direction to the start takes the others to a basis of what is orthogonal to it.
    """
    mirror = start - directions[0]
    mirror /= np.maximum(np.linalg.norm(mirror, axis=1, keepdims=True), 1e-12)
    p, distances = start, [paired_distances(start, targets)]
    for direction in directions[1:]:
        v = direction - 2 * (mirror @ direction)[:, None] * mirror
        ends = [_end(p, side * v, targets, least) for side in (1, -1)]
        middle = ((ends[0] - ends[1]) / 2)[:, None]
        p = np.cos(middle) * p + np.sin(middle) * v
        distances.append(paired_distances(p, targets))
    return np.stack(distances, axis=1)


def _end(p: np.ndarray, v: np.ndarray, targets: np.ndarray, least: float) -> np.ndarray:
    """Bisect for the angle (n,) from p towards v at which the verifiers begin to reject: ⟨u, probe⟩ < ``least``."""
    near, far = np.zeros(len(p)), np.full(len(p), np.pi)
    for _ in range(STEPS):
        angle = (near + far) / 2
        probe = np.cos(angle)[:, None] * p + np.sin(angle)[:, None] * v
        accepts = np.einsum("ij,ij->i", probe, targets) >= least
        near, far = np.where(accepts, angle, near), np.where(accepts, far, angle)
    return (near + far) / 2


def principal_directions(public: np.ndarray) -> np.ndarray:
    """Return an orthonormal basis (m, m): the principal directions of embeddings (n, m), and what is beyond them."""
    return np.linalg.eigh(np.cov(public.astype(np.float64), rowvar=False))[1].T[::-1]


class Attacker(NamedTuple):
    """What the attacker prepares before it asks anything; the same for all verifiers.

    Attributes:
        guesses: for verifiers that accept or reject.
        probes: unit vectors (q, m) for verifiers that show scores.
        directions: an orthonormal basis (m, m).
    """

    guesses: Guesses
    probes: np.ndarray
    directions: np.ndarray

    @classmethod
    def with_images(cls, public: np.ndarray, labels: np.ndarray, seed: int) -> "Attacker":
        """Prepare with the embeddings (n, m) of other people."""
        full = full_set(public.shape[1])
        return cls(
            guesses(public, labels, max(QUERIES), seed),
            score_probes(public, max(full, *SCORES), seed),
            principal_directions(public),
        )

    def attack(
        self,
        targets: np.ndarray,
        labels: np.ndarray,
        subjects: np.ndarray,
        threshold: float,
        replicates: int,
        confidence: float,
        seed: int,
    ) -> tuple[pd.DataFrame, Finding]:
        """Attack the verifiers of vectors (n, m) of these labels (n,) and subjects (n,).

        Returns:
            The table by ``oracle`` and ``queries``, and what was found; its ceiling is not known here.
        """
        walked = walk(targets, labels, self.guesses, self.directions, threshold)
        full, rows = full_set(targets.shape[1]), {}
        scores = squared_distances(targets, self.probes)
        for count in sorted({*SCORES, full}):
            for oracle, shown in (("scores", scores), (ROUNDED, np.round(scores, 2))):
                vectors = solve(self.probes[:count], shown[:, :count])
                rows[oracle, count] = paired_distances(vectors, targets)
        for count in QUERIES:
            rows["answers", count] = walked.after(count)
        table = pd.DataFrame(
            {
                "verifies": {key: (each <= threshold).mean() for key, each in rows.items()},
                "near": {key: (each <= threshold / 2).mean() for key, each in rows.items()},
                "d_f": {key: np.median(each) for key, each in rows.items()},
            }
        ).rename_axis(["oracle", "queries"])
        verifies, by_chance = rows[ROUNDED, full] <= threshold, walked.accepted <= full
        low, high = interval(resampled_means(verifies, subjects, replicates, seed), confidence)
        limit = interval(resampled_means(by_chance, subjects, replicates, seed), confidence)[1]
        return table, Finding(float(verifies.mean()), low, high, float(by_chance.mean()), limit, 1.0)


def full_set(dimension: int) -> int:
    """Return how many scores the finding is about: three halves of F's dimensions."""
    return dimension * 3 // 2


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
