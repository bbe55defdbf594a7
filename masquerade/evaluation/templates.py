"""What a biometric system would store, and what the evaluation reads."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from masquerade.arrays import ArrayFile
from masquerade.evaluation.pairs import Comparison, compare
from masquerade.paths import Paths


@dataclass(frozen=True)
class Templates(ArrayFile):
    """The distorted held-out pictures and the embeddings of both sides.

    Attributes:
        images: uint8 (n, h, w, c), T = G(X) rounded to 8 bits, in the order of the held-out pictures.
        real_embeddings: float32 (n, m), F(X).
        template_embeddings: float32 (n, m), F(T), of the rounded pixels.
    """

    images: np.ndarray
    real_embeddings: np.ndarray
    template_embeddings: np.ndarray

    @property
    def d_emb(self) -> np.ndarray:
        """Squared distance of each picture's embedding to its template's (n,), Eq. 10."""
        return np.sum((self.real_embeddings - self.template_embeddings) ** 2, axis=1)

    def arms(self, labels: np.ndarray, subjects: np.ndarray) -> dict[str, Comparison]:
        """Compare probes with templates in the three ways the reports show.

        ``real_template`` is the system of the paper: a plain probe against a distorted template.
        """
        real, template = self.real_embeddings, self.template_embeddings
        return {
            "real_real": compare(real, real, labels, subjects),
            "real_template": compare(real, template, labels, subjects),
            "template_template": compare(template, template, labels, subjects),
        }


def load_all(paths: Paths, kinds: Iterable[str]) -> dict[str, Templates]:
    """Read the templates of several generators, by kind and in this order.

    Raises:
        InputError: a file is missing or damaged.
    """
    return {kind: Templates.load(paths.templates(kind)) for kind in kinds}


def enrolled(stored: Mapping[str, Templates]) -> dict[str, np.ndarray]:
    """Return what real probes are compared with, vectors (n, m) by the name of the comparison.

    ``real_real``: the pictures themselves; ``real_template``: the templates of the first generator; ``real_<kind>``: of
    every other.
    """
    (_, first), *others = stored.items()
    vectors = {"real_real": first.real_embeddings, "real_template": first.template_embeddings}
    return vectors | {f"real_{kind}": templates.template_embeddings for kind, templates in others}


def compare_all(stored: Mapping[str, Templates], labels: np.ndarray, subjects: np.ndarray) -> dict[str, Comparison]:
    """Compare the templates of several generators, by kind: the first one's arms, then the others' under their names.

    Returns:
        ``real_real``, ``real_template`` and ``template_template`` of the first, ``real_<kind>`` and ``<kind>_<kind>``
        of every other.
    """
    (_, first), *others = stored.items()
    arms = first.arms(labels, subjects)
    for kind, templates in others:
        its = templates.arms(labels, subjects)
        arms |= {f"real_{kind}": its["real_template"], f"{kind}_{kind}": its["template_template"]}
    return arms
