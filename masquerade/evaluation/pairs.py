"""All comparisons of probes with templates, as one matrix product."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from masquerade.errors import InputError
from masquerade.evaluation.verification import Rates, rates


def squared_distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return d_F (Eq. 1) of every row of ``a`` with every row of ``b``.

    Args:
        a: unit vectors (n, m).
        b: unit vectors (k, m).

    Returns:
        float32 (n, k) in [0, 4].
    """
    product = a.astype(np.float32) @ b.astype(np.float32).T
    return np.clip(2 - 2 * product, 0, 4)


@dataclass(frozen=True)
class Comparison:
    """Every probe against the template of every other picture; never a picture against itself.

    Attributes:
        distances: float32 (n, n), d_F of probe i (row) and template j (column).
        labels: int (n,); a pair of equal labels is mated (genuine), any other non-mated (impostor).
        subjects: int (n,), what a confidence interval resamples.
        symmetric: probes and templates are the same vectors, so that each unordered pair counts once.
    """

    distances: np.ndarray
    labels: np.ndarray
    subjects: np.ndarray
    symmetric: bool

    def __post_init__(self) -> None:
        if not len(self.genuine) or not len(self.impostor):
            raise InputError("a comparison needs two pictures of one class and one of another")

    @cached_property
    def mated(self) -> np.ndarray:
        """Bool (n, n)."""
        return self.labels[:, None] == self.labels[None, :]

    @cached_property
    def _counted(self) -> np.ndarray:
        everything = np.ones(self.distances.shape, dtype=bool)
        return np.triu(everything, 1) if self.symmetric else ~np.eye(len(self.labels), dtype=bool)

    @cached_property
    def genuine(self) -> np.ndarray:
        """Distances of the mated pairs (p,)."""
        return self.distances[self._counted & self.mated]

    @cached_property
    def impostor(self) -> np.ndarray:
        """Distances of the non-mated pairs (q,)."""
        return self.distances[self._counted & ~self.mated]

    @cached_property
    def rates(self) -> Rates:
        """Error rates over all pairs."""
        return rates(self.genuine, self.impostor)

    def histogram(self, bins: int = 80) -> pd.DataFrame:
        """Return the densities of ``genuine`` and ``impostor`` distances by ``d_f``, the middle of each bin."""
        edges = np.linspace(0, 4, bins + 1)
        columns = {name: np.histogram(getattr(self, name), edges, density=True)[0] for name in ("genuine", "impostor")}
        return pd.DataFrame(columns, index=pd.Index((edges[:-1] + edges[1:]) / 2, name="d_f"))


def compare(probes: np.ndarray, templates: np.ndarray, labels: np.ndarray, subjects: np.ndarray) -> Comparison:
    """Compare the embeddings (n, m) of n pictures with those of the same pictures' templates (n, m)."""
    return Comparison(squared_distances(probes, templates), labels, subjects, symmetric=probes is templates)
