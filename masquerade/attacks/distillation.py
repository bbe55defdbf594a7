"""Distillation: an attacker learns from images and their templates to read F(X) from a template.

Knows F, all templates, and the images behind those that are not attacked; of templates with a key the key that was
stolen, or none. Wants to find the person of a template in a gallery of images. Spends n examples.

FaceLinkGen's attack (a student S(T) → F(X), then rank-1 identification), with a ridge regression as the student: F(T)
is among what it sees, so it need not learn F.
"""

import numpy as np

from masquerade.attacks.finding import Attack, Finding, most
from masquerade.evaluation.bootstrap import interval, resampled_means
from masquerade.evaluation.pairs import squared_distances

ATTACK = Attack(
    title="Distillation: who is it?",
    claim="A template does not tell whose it is",
    attacker="knows F and pairs (T, X) of other people, learns to read F(X) from T and looks it up in a gallery",
    measure="rank-1",
    shown="{:.0%}",
    text="""A student, a ridge regression that sees F(T) and the principal components of T's pixels, learns from
`examples`, images with their templates, of people who are not attacked. Then it reads the templates of the attacked
people, and the nearest of their images (but the template's own) says who they are. The floor is what names by chance
give; the ceiling is F(X) itself. Where the attacker has stolen the keys, F(T) is unlocked first.""",
    column="value",
    by=("examples",),
)


PERMUTATIONS = 1000
"""Draws behind a floor."""


def identified(read: np.ndarray, gallery: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the labels (a,) of the images nearest to what was read from the attacked templates.

    Args:
        read: unit vectors (a, m).
        gallery: F of the templates' images, unit vectors (a, m); each template's own image is left out.
        labels: int (a,), of the images.
    """
    distances = squared_distances(read, gallery)
    np.fill_diagonal(distances, np.inf)
    return labels[distances.argmin(axis=1)]


def found(
    named: np.ndarray, truth: np.ndarray, subjects: np.ndarray, replicates: int, confidence: float, seed: int
) -> Finding:
    """Compare names (a,) with the truth (a,); the floor permutes the names. The ceiling is not known here."""
    value = named == truth
    low, high = interval(resampled_means(value, subjects, replicates, seed), confidence)
    rng = np.random.default_rng(seed)
    chance = np.array([np.mean(rng.permutation(named) == truth) for _ in range(PERMUTATIONS)])
    limit = most(chance)
    return Finding(float(value.mean()), low, high, float(chance.mean()), limit, 1.0)
