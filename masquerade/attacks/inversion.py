"""Inversion: an attacker rebuilds the image behind a template, and shows it to a verifier.

Knows F, public images, all templates, and the images behind the templates of people who are not attacked; of templates
with a key the key that was stolen, or none. Wants an image that a verifier takes for the person of the template. Spends
n examples to read F(X) from T (see :mod:`masquerade.attacks.student`), and a few gradient steps through F an image.

A linear decoder, fitted to public images, turns what was read into an image; the steps bring F of that image nearer to
it. The success attack rate (SAR) is the share of comparisons that a verifier accepts: of type I with the image behind
the template, of type II with another image of the person.
"""

from typing import NamedTuple

import numpy as np
from sklearn.linear_model import RidgeCV

from masquerade.attacks.finding import Attack, Finding, most
from masquerade.evaluation.bootstrap import interval, resampled_means
from masquerade.evaluation.pairs import squared_distances
from masquerade.images import to_float

ATTACK = Attack(
    title="Inversion: what did the image look like?",
    claim="A template cannot be inverted",
    attacker="knows F, public images and pairs (T, X) of other people, and rebuilds an image to pass as the person",
    measure="SAR of type II, by F, at an FMR of 1 %",
    shown="{:.0%}",
    text="""First F(X) is read from T as in the distillation, then a linear decoder, fitted to public images, makes an
image of it, and gradient steps through F improve that. SAR is the share of the rebuilt images that a verifier accepts
for the image behind the template (type I) or for another image of the person (type II), at the thresholds that give
real images a false match rate (`fmr`) of 1 % and 0.1 %. The verifiers are `F`, which the attacker knows, and the
judge `cnn`, which nobody attacks: what convinces F need not look like the person. `floor` is the SAR of type II for
rebuilt images whose owners chance names; the ceiling reads F(X) itself. The rows of the sheet: the images, what was
rebuilt from F(X), and from each kind of template.""",
    column="type_2",
    by=("fmr", "verifier", "examples"),
)


PUBLIC = 2000
"""Public images that the decoder is fitted to, at most."""

PENALTIES = np.logspace(-3, 3, 13)
"""Of the decoder; the images that are left out one by one choose."""

PERMUTATIONS = 1000
"""Draws behind a floor."""


def fit_decoder(embeddings: np.ndarray, images: np.ndarray) -> RidgeCV:
    """Fit the linear decoder, F(X) (n, m) → pixels (n, h·w·c) in [0, 1], to public images uint8 (n, h, w, c)."""
    return RidgeCV(PENALTIES).fit(embeddings, to_float(images).reshape(len(images), -1))


def decode(decoder: RidgeCV, vectors: np.ndarray, image_shape: tuple[int, ...]) -> np.ndarray:
    """Make images of unit vectors (n, m), float32 (n, h, w, c) in [0, 1]."""
    pixels = np.clip(decoder.predict(vectors), 0, 1)
    return pixels.astype(np.float32).reshape(len(vectors), *image_shape)


class Success(NamedTuple):
    """What a verifier says of rebuilt images.

    Attributes:
        type_1: SAR of type I.
        type_2: SAR of type II, with its floor.
    """

    type_1: float
    type_2: Finding


def success(
    rebuilt: np.ndarray,
    real: np.ndarray,
    labels: np.ndarray,
    subjects: np.ndarray,
    threshold: float,
    replicates: int,
    confidence: float,
    seed: int,
) -> Success:
    """Compare rebuilt images with real ones.

    Args:
        rebuilt, real: a verifier's unit vectors (n, m) of the rebuilt images and of the images behind the templates.
        labels: int (n,), who they are; each at least twice.
        subjects: int (n,), what the interval resamples.
        threshold: largest distance that is accepted.
    """
    accepted = squared_distances(rebuilt, real) <= threshold
    own = np.diagonal(accepted).copy()
    np.fill_diagonal(accepted, False)
    classes, class_of, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    passes = accepted.astype(float) @ np.eye(len(classes))[class_of]  # (n, classes): how many images of each accept it
    rates = passes[np.arange(len(labels)), class_of] / (sizes[class_of] - 1)
    low, high = interval(resampled_means(rates, subjects, replicates, seed), confidence)
    rng = np.random.default_rng(seed)
    shares = (passes + own[:, None] * np.eye(len(classes))[class_of]) / sizes
    chance = [shares[rng.permutation(len(labels)), class_of].mean() for _ in range(PERMUTATIONS)]
    limit = most(np.array(chance))
    return Success(float(own.mean()), Finding(float(rates.mean()), low, high, float(np.mean(chance)), limit, 1.0))
