"""What a biometric system would store, and what the evaluation reads."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from masquerade.arrays import ArrayFile
from masquerade.evaluation.arms import BASELINE, REAL_REAL, REAL_TEMPLATE, TEMPLATE_TEMPLATE, Arm
from masquerade.evaluation.pairs import Comparison, compare, paired_distances
from masquerade.paths import Paths


@dataclass(frozen=True)
class Templates(ArrayFile):
    """The templates of the held-out images, and the embeddings of both.

    Attributes:
        images: uint8 (n, h, w, c), T = G(X) rounded to 8 bits, in the order of the held-out images.
        real_embeddings: float32 (n, m), F(X).
        template_embeddings: float32 (n, m), F(T), of the rounded pixels, unlocked with the record's key if there
            is one: what a verifier compares with F of a probe.
        seen_embeddings: float32 (n, m), F(T) as it is without any key: what a thief of the templates has.
    """

    images: np.ndarray
    real_embeddings: np.ndarray
    template_embeddings: np.ndarray
    seen_embeddings: np.ndarray

    @property
    def d_emb(self) -> np.ndarray:
        """Squared distance of each image's embedding to its template's (n,), Eq. 10."""
        return paired_distances(self.real_embeddings, self.template_embeddings)

    def comparisons(self, labels: np.ndarray, subjects: np.ndarray) -> dict[str, Comparison]:
        """Compare probes with templates in the three ways the reports show.

        ``real-template`` is the system of the paper: a plain probe against a distorted template.
        """
        real, template = self.real_embeddings, self.template_embeddings
        return {
            REAL_REAL: compare(real, real, labels, subjects),
            REAL_TEMPLATE: compare(real, template, labels, subjects),
            TEMPLATE_TEMPLATE: compare(template, template, labels, subjects),
        }


def load_all(paths: Paths, generators: Iterable[str]) -> dict[str, Templates]:
    """Read the templates of these generators.

    Raises:
        InputError: a file is missing or damaged.
    """
    return {generator: Templates.load(paths.templates(generator)) for generator in generators}


def enrolled(stored: Mapping[str, Templates]) -> dict[Arm, np.ndarray]:
    """Return the vectors (n, m) that real probes are compared with: of the images themselves and of all templates.

    Args:
        stored: by generator, all of the same images.
    """
    real = next(iter(stored.values())).real_embeddings
    templates = {Arm(generator, REAL_TEMPLATE): its.template_embeddings for generator, its in stored.items()}
    return {BASELINE: real} | templates


def compare_all(stored: Mapping[str, Templates], labels: np.ndarray, subjects: np.ndarray) -> dict[Arm, Comparison]:
    """Compare real images with each other and, for every generator, with templates and templates with each other.

    Args:
        stored: by generator, all of the same images.
    """
    arms: dict[Arm, Comparison] = {}
    for generator, templates in stored.items():
        its = templates.comparisons(labels, subjects)
        arms.setdefault(BASELINE, its.pop(REAL_REAL))
        arms |= {Arm(generator, comparison): each for comparison, each in its.items()}
    return arms
