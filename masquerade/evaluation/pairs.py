"""All comparisons of probes with templates, in blocks of one matrix product each."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeVar

import numpy as np
import pandas as pd

from masquerade.blas import one_thread
from masquerade.errors import InputError
from masquerade.evaluation.verification import Rates, ascending

Result = TypeVar("Result")

ROWS = 256
"""Rows in a block: with 10,000 columns its distances still fit into a processor's cache."""


def squared_distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return d_F (Eq. 1) of every row of ``a`` with every row of ``b``.

    Args:
        a: unit vectors (n, m).
        b: unit vectors (k, m).

    Returns:
        float32 (n, k) in [0, 4].
    """
    distances = a.astype(np.float32, copy=False) @ b.astype(np.float32, copy=False).T
    distances *= -2
    distances += 2
    return np.clip(distances, 0, 4, out=distances)


def paired_distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return d_F (Eq. 1) of each row of ``a`` with the same row of ``b``.

    Args:
        a, b: unit vectors (n, m).

    Returns:
        (n,) in [0, 4].
    """
    return np.sum((a - b) ** 2, axis=1)


class Block(NamedTuple):
    """Comparisons of the images ``rows`` with the images ``columns``, which begin with the same image.

    Attributes:
        rows, columns: r and c consecutive images.
        distances: float32 (r, c), d_F of probe i and template j; unless probes and templates are the same, also that of
            template i and probe j. Infinite where j ≤ i, so that each pair of images counts once.
        mated: bool (r, m), pairs of one class; all later columns, m to c, belong to other classes.
    """

    rows: slice
    columns: slice
    distances: list[np.ndarray]
    mated: np.ndarray


@dataclass(frozen=True)
class Comparison:
    """Every probe against the template of every other image; never an image against itself.

    Attributes:
        probes: float32 (n, m), unit vectors.
        templates: float32 (n, m), unit vectors of the same images; the same object as ``probes`` if each unordered
            pair is to count once.
        labels: int (n,), ascending; a pair of equal labels is mated (genuine), any other non-mated (impostor).
        subjects: int (n,), what a confidence interval resamples.
    """

    probes: np.ndarray
    templates: np.ndarray
    labels: np.ndarray
    subjects: np.ndarray

    @property
    def symmetric(self) -> bool:
        """Probes and templates are the same vectors."""
        return self.probes is self.templates

    def in_blocks(self, function: Callable[[Block], Result]) -> list[Result]:
        """Apply a function to all comparisons, a block of rows at a time: all n² distances would take 4 n² bytes.

        Each processor works on its own block, so none waits for another inside a matrix product.
        """
        with one_thread(), ThreadPoolExecutor(os.cpu_count()) as pool:
            return list(pool.map(lambda start: function(self._block(start)), range(0, len(self.labels), ROWS)))

    def _block(self, start: int) -> Block:
        size = min(ROWS, len(self.labels) - start)
        rows, columns = slice(start, start + size), slice(start, len(self.labels))
        ways = [(self.probes, self.templates), (self.templates, self.probes)][: 1 if self.symmetric else 2]
        distances = [squared_distances(a[rows], b[columns]) for a, b in ways]
        for each in distances:
            each[:, :size][np.tri(size, dtype=bool)] = np.inf
        classes = self.labels[columns]
        classes = classes[: np.searchsorted(classes, classes[size - 1], side="right")]
        return Block(rows, columns, distances, classes[:size, None] == classes)

    @cached_property
    def rates(self) -> Rates:
        """Error rates over all pairs."""

        def separate(block: Block) -> tuple[np.ndarray, np.ndarray]:
            genuine, impostor = [], []
            for each in block.distances:
                near, far = np.hsplit(each, [block.mated.shape[1]])
                once = np.isfinite(near)
                genuine.append(near[block.mated & once])
                impostor += [near[~block.mated & once], far.ravel()]
            return np.concatenate(genuine), np.concatenate(impostor)

        return Rates(*(ascending(np.concatenate(parts)) for parts in zip(*self.in_blocks(separate), strict=True)))

    @property
    def genuine(self) -> np.ndarray:
        """Distances of the mated pairs (p,), ascending."""
        return self.rates.genuine

    @property
    def impostor(self) -> np.ndarray:
        """Distances of the non-mated pairs (q,), ascending."""
        return self.rates.impostor

    def histogram(self, bins: int = 80) -> pd.DataFrame:
        """Return the densities of ``genuine`` and ``impostor`` distances by ``d_f``, the middle of each bin."""
        edges = np.linspace(0, 4, bins + 1, dtype=np.float32)
        densities = {
            name: np.diff(np.searchsorted(scores, edges[1:-1]), prepend=0, append=len(scores)) / len(scores) / edges[1]
            for name, scores in (("genuine", self.genuine), ("impostor", self.impostor))
        }
        middles = (np.arange(bins) + 0.5) * (4 / bins)
        return pd.DataFrame(densities, index=pd.Index(middles, name="d_f"))


def compare(probes: np.ndarray, templates: np.ndarray, labels: np.ndarray, subjects: np.ndarray) -> Comparison:
    """Compare the embeddings (n, m) of n images with those of the same images' templates (n, m).

    Raises:
        InputError: no two images are of one class, or all images are.
    """
    sizes = np.unique(labels, return_counts=True)[1]
    if len(sizes) < 2 or sizes.max() < 2:
        raise InputError("a comparison needs two images of one class and one of another")
    order = np.argsort(labels, kind="stable")
    sorted_probes = probes[order]
    sorted_templates = sorted_probes if probes is templates else templates[order]
    return Comparison(sorted_probes, sorted_templates, labels[order], subjects[order])
