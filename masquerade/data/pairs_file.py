"""LFW's list of pairs in folds: the file pairs.txt of View 2."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from masquerade.data.pair_folds import PairFolds
from masquerade.errors import InputError

NUMBER = re.compile(r"[1-9][0-9]{0,5}")


def read_pairs(path: Path, people: Sequence[str], files: Sequence[str]) -> PairFolds:
    """Read the pairs and find their images.

    The first line has the number of folds and the number k of mated pairs per fold. Each fold then has k lines
    ``name n m``, two images of one person, and k lines ``name n other m``, images of two people, separated by tabs.
    Image n of a person is the file ``<name>_<n>``, n written with four digits.

    Args:
        people, files: the person and the file (without suffix) of every image (n,).

    Returns:
        The pairs, with indices into ``people`` and ``files``.

    Raises:
        InputError: the file cannot be read, a line is malformed, a person or image is missing, or the data set has no
            files. The message names the file and the line.
    """
    try:
        if path.exists() and not path.is_file():
            raise OSError("it is not a regular file")
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from error
    if len(files) != len(people):
        raise InputError(f"{path}: names images by their files, but this data set has no files")
    header = "".join(lines[:1]).split("\t")
    if len(header) != 2 or not all(map(NUMBER.fullmatch, header)):
        raise InputError(f"{path}, line 1: must be the number of folds and of mated pairs per fold, separated by a tab")
    folds, pairs = map(int, header)
    wanted = 2 * folds * pairs
    if len(lines) != 1 + wanted:
        raise InputError(
            f"{path}, line {min(len(lines), wanted + 2)}: {folds} folds of {pairs} + {pairs} pairs are {wanted} lines "
            f"after the first, got {len(lines) - 1}"
        )
    fold, place = np.divmod(np.arange(wanted), 2 * pairs)
    mated = place < pairs
    known, index_of = set(people), {key: index for index, key in enumerate(zip(people, files, strict=True))}

    def find(number: int, person: str, image: str) -> int:
        if person not in known:
            raise InputError(f"{path}, line {number}: the data set has no {person!r}")
        index = index_of.get((person, f"{person}_{int(image):04}"))
        if index is None:
            raise InputError(f"{path}, line {number}: {person} has no image {image}")
        return index

    found = []
    for number, (line, same) in enumerate(zip(lines[1:], mated, strict=True), start=2):
        match line.split("\t"):
            case [person, n, m] if same and n != m:
                other = person
            case [person, n, other, m] if not same and person != other:
                pass
            case _:
                n = m = ""
        if not (NUMBER.fullmatch(n) and NUMBER.fullmatch(m)):
            form = "name n m, two images of one person" if same else "name n other m, images of two people"
            raise InputError(f"{path}, line {number}: must be {form}, separated by tabs, got {line!r}")
        found.append((find(number, person, n), find(number, other, m)))
    first, second = np.array(found).T
    return PairFolds(first, second, mated, fold)
