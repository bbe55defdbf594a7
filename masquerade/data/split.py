"""The held-out part that every number in the reports comes from."""

import numpy as np
from sklearn.model_selection import GroupShuffleSplit, train_test_split

from masquerade.data.pictures import Pictures
from masquerade.errors import InputError


def split(pictures: Pictures, by: str, test_fraction: float, seed: int) -> tuple[Pictures, Pictures]:
    """Return the training and the held-out pictures.

    A data set's own test set is kept. Otherwise ``by`` is ``"class"`` (stratified: every class in both parts in
    proportion) or ``"subject"`` (nobody in both parts, ``test_fraction`` of the people held out).

    Raises:
        InputError: a class has too few pictures, or the held-out part would have no mated or no non-mated pair.
    """
    try:
        train, test = _indices(pictures, by, test_fraction, seed)
    except ValueError as error:  # scikit-learn's: a part would be empty
        raise InputError(f"test_fraction {test_fraction}: {error}") from error
    held_out = np.bincount(pictures.labels[test])
    if held_out.max() < 2 or np.count_nonzero(held_out) < 2:
        raise InputError("the held-out part needs two pictures of one class and one of another; raise test_fraction")
    return pictures.take(np.sort(train)), pictures.take(np.sort(test))


def _indices(pictures: Pictures, by: str, test_fraction: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    index = np.arange(len(pictures))
    if len(pictures.official_test):
        return index[~pictures.official_test], index[pictures.official_test]
    if by == "class":
        sizes = np.bincount(pictures.labels)
        if sizes.min() < 2:
            name = pictures.names[sizes.argmin()]
            raise InputError(f"class {name} has one picture; a split by class needs two: one to train on, one to test")
        train, test = train_test_split(index, test_size=test_fraction, stratify=pictures.labels, random_state=seed)
        return train, test
    if len(np.unique(pictures.subjects)) < 2:
        raise InputError(f"a split by subject needs two subjects, got one ({pictures.names[0]})")
    shuffle = GroupShuffleSplit(1, test_size=test_fraction, random_state=seed)
    train, test = next(shuffle.split(index, groups=pictures.subjects))
    return train, test
