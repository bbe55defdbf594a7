"""Pairs of images in folds, for k-fold verification."""

from dataclasses import dataclass

import numpy as np

from masquerade.errors import InputError


@dataclass(frozen=True)
class PairFolds:
    """Pairs of images, each in one fold.

    Attributes:
        first, second: int (p,), indices of the two images; the first is the probe, the second the template.
        mated: bool (p,), whether both images are of one class.
        fold: int (p,), from 0.
    """

    first: np.ndarray
    second: np.ndarray
    mated: np.ndarray
    fold: np.ndarray

    def renumbered(self) -> tuple[np.ndarray, "PairFolds"]:
        """Return the sorted indices (n,) of the images in any pair, and the pairs with indices into these."""
        named, places = np.unique(np.stack([self.first, self.second]), return_inverse=True)
        first, second = places.reshape(2, -1)
        return named, PairFolds(first, second, self.mated, self.fold)


def draw_folds(labels: np.ndarray, subjects: np.ndarray, folds: int, pairs: int, seed: int) -> tuple[PairFolds, bool]:
    """Draw equally many mated and non-mated pairs for every fold, no pair twice.

    No subject is in two folds if there are enough of them: every fold needs its own mated and non-mated pair. Otherwise
    all pairs are distributed over the folds at random.

    Args:
        labels: int (n,); a pair of equal labels is mated.
        subjects: int (n,).
        folds: number of folds.
        pairs: mated pairs per fold, and as many non-mated ones; fewer if there are not enough.

    Returns:
        The pairs, and whether no subject is in two folds.

    Raises:
        InputError: there are not enough images for a mated and a non-mated pair in every fold.
    """
    rng = np.random.default_rng(seed)
    people = rng.permutation(np.unique(subjects))
    parts = [np.flatnonzero(np.isin(subjects, part)) for part in np.array_split(people, folds)]
    drawn = [_draw(part, labels, pairs, rng) for part in parts]
    apart = all(len(genuine) for genuine, _ in drawn)
    if not apart:
        genuine, impostor = _draw(np.arange(len(labels)), labels, folds * pairs, rng)
        each = len(genuine) // folds
        if not each:
            raise InputError(
                f"evaluation.folds.count: {folds} folds need a mated and a non-mated pair each, but only "
                f"{len(genuine)} of each can be drawn from the held-out images"
            )
        drawn = [[kind[i * each : (i + 1) * each] for kind in (genuine, impostor)] for i in range(folds)]
    both = np.concatenate([np.concatenate(kinds) for kinds in drawn])
    fold = np.repeat(np.arange(folds), [2 * len(genuine) for genuine, _ in drawn])
    return PairFolds(both[:, 0], both[:, 1], labels[both[:, 0]] == labels[both[:, 1]], fold), apart


def _draw(indices: np.ndarray, labels: np.ndarray, count: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Draw equally many mated and non-mated pairs, (count, 2) or fewer, of the images at these indices."""
    pairs = indices[np.stack(np.triu_indices(len(indices), 1), axis=1)]
    mated = labels[pairs[:, 0]] == labels[pairs[:, 1]]
    kinds = [pairs[mated], pairs[~mated]]
    count = min(count, *map(len, kinds))
    return [rng.permuted(kind[rng.choice(len(kind), count, replace=False)], axis=1) for kind in kinds]
