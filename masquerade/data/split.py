"""The split into training and held-out images; all numbers in the reports come from the latter."""

from collections.abc import Sequence

import numpy as np
from sklearn.model_selection import GroupShuffleSplit, train_test_split

from masquerade.data.image_set import ImageSet
from masquerade.errors import InputError


def split(
    image_set: ImageSet, by: str, test_fraction: float, seed: int, held_out: Sequence[str] = ()
) -> tuple[ImageSet, ImageSet]:
    """Return the training and the held-out images.

    A data set's own test set is kept. Otherwise ``by`` is ``"class"`` (stratified: every class in both parts in
    proportion) or ``"subject"`` (nobody is in both parts, ``test_fraction`` of the subjects are held out).

    Args:
        held_out: names of classes that a split by subject must hold out. They replace others, drawn at random, so that
            the number of people held out stays the same.

    Raises:
        InputError: a class has too few images, the held-out part would have no mated or no non-mated pair, or
            ``held_out`` names a missing class or more people than ``test_fraction`` holds out.
    """
    try:
        train, test = _indices(image_set, by, test_fraction, seed)
    except ValueError as error:  # from scikit-learn: a part would be empty
        raise InputError(f"test_fraction {test_fraction}: {error}") from error
    if held_out:
        train, test = _exchanged(image_set, test, held_out, seed)
    sizes = np.bincount(image_set.labels[test])
    if sizes.max() < 2 or np.count_nonzero(sizes) < 2:
        raise InputError("the held-out part needs two images of one class and one of another; raise test_fraction")
    return image_set.take(np.sort(train)), image_set.take(np.sort(test))


VALIDATION = 0.1
"""Share of the training images (of the subjects) that :func:`validation` sets aside."""


def validation(train: ImageSet, by: str, seed: int) -> tuple[ImageSet, ImageSet]:
    """Return the images that G trains on, and those that tell what it does to others.

    Both are of the training part: choices that depend on them cost the held-out images nothing.

    Args:
        by: ``"class"``, single images, or ``"subject"``, whole people.

    Raises:
        InputError: there is one image or subject, which cannot be divided.
    """
    groups = train.subjects if by == "subject" else np.arange(len(train))
    drawn = np.random.default_rng(seed).permutation(np.unique(groups))
    if len(drawn) < 2:
        raise InputError(f"the training part has one {'subject' if by == 'subject' else 'image'}; it needs another")
    aside = np.isin(groups, drawn[: max(1, round(VALIDATION * len(drawn)))])
    return train.take(np.flatnonzero(~aside)), train.take(np.flatnonzero(aside))


def _indices(image_set: ImageSet, by: str, test_fraction: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    index = np.arange(len(image_set))
    if len(image_set.official_test):
        return index[~image_set.official_test], index[image_set.official_test]
    if by == "class":
        sizes = np.bincount(image_set.labels)
        if sizes.min() < 2:
            name = image_set.names[sizes.argmin()]
            raise InputError(f"class {name} has one image; a split by class needs two: one to train on, one to test")
        train, test = train_test_split(index, test_size=test_fraction, stratify=image_set.labels, random_state=seed)
        return train, test
    if len(np.unique(image_set.subjects)) < 2:
        raise InputError(f"a split by subject needs two subjects, got one ({image_set.names[0]})")
    shuffle = GroupShuffleSplit(1, test_size=test_fraction, random_state=seed)
    train, test = next(shuffle.split(index, groups=image_set.subjects))
    return train, test


def _exchanged(image_set: ImageSet, test: np.ndarray, names: Sequence[str], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Move the named classes into the held-out part of a split by subject."""
    unknown = sorted(set(names) - set(image_set.names.tolist()))
    if unknown:
        raise InputError(f"held_out: the data set has no class {unknown[0]!r}")
    if len(image_set.official_test):
        raise InputError(f"held_out: {names[0]!r} cannot be held out, the data set has its own test set")
    named = np.unique(image_set.subjects[np.isin(image_set.names[image_set.labels], names)])
    drawn = np.unique(image_set.subjects[test])
    if len(named) > len(drawn):
        raise InputError(f"held_out: names {len(named)} people, but test_fraction holds out {len(drawn)}; raise it")
    others = np.random.default_rng(seed).permutation(np.setdiff1d(drawn, named))
    chosen = np.isin(image_set.subjects, np.concatenate([named, others[: len(drawn) - len(named)]]))
    return np.flatnonzero(~chosen), np.flatnonzero(chosen)
