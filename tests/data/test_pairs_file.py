from pathlib import Path

import pytest

from masquerade.data.pairs_file import read_pairs
from masquerade.errors import InputError

PEOPLE = ["Ann_Lee", "Ann_Lee", "Ann_Lee", "Bo_Ek", "Bo_Ek", "Cy"]
FILES = ["Ann_Lee_0001", "Ann_Lee_0003", "Ann_Lee_0002", "Bo_Ek_0001", "Bo_Ek_0012", "Cy_0001"]
LINES = [
    "2\t1",
    "Ann_Lee\t1\t3",
    "Ann_Lee\t2\tBo_Ek\t12",
    "Bo_Ek\t12\t1",
    "Cy\t1\tBo_Ek\t1",
]


def written(folder: Path, lines: list[str]) -> Path:
    path = folder / "pairs.txt"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def test_pairs_are_found_by_person_and_number_not_by_their_place(tmp_path: Path) -> None:
    """2 folds of 1 + 1; Ann_Lee_0003 stands before Ann_Lee_0002."""
    pairs = read_pairs(written(tmp_path, LINES), PEOPLE, FILES)

    assert pairs.first.tolist() == [0, 2, 4, 5]
    assert pairs.second.tolist() == [1, 4, 3, 3]
    assert pairs.mated.tolist() == [True, False, True, False]
    assert pairs.fold.tolist() == [0, 0, 1, 1]


def test_every_fold_has_its_mated_pairs_before_its_others(tmp_path: Path) -> None:
    lines = ["1\t2", "Ann_Lee\t1\t2", "Bo_Ek\t1\t12", "Cy\t1\tAnn_Lee\t1", "Cy\t1\tAnn_Lee\t2"]

    pairs = read_pairs(written(tmp_path, lines), PEOPLE, FILES)

    assert pairs.mated.tolist() == [True, True, False, False]
    assert pairs.fold.tolist() == [0] * 4


@pytest.mark.parametrize(
    ("line", "text", "expected"),
    [
        (2, "Ann_Lee\t1\t4", "Ann_Lee has no image 4"),
        (3, "Ann_Lee\t2\tBo_Ek\t2", "Bo_Ek has no image 2"),
        (4, "Bo\t1\t2", "the data set has no 'Bo'"),
        (5, "Cy\t1\tDi\t1", "the data set has no 'Di'"),
        (2, "Ann_Lee 1 3", "must be name n m, two images of one person, separated by tabs, got 'Ann_Lee 1 3'"),
        (2, "Ann_Lee\t1\tAnn_Lee\t3", "must be name n m"),
        (2, "Ann_Lee\t1\t1", "must be name n m"),  # an image with itself
        (2, "Ann_Lee\t1\tx", "must be name n m"),
        (2, "Ann_Lee\t0\t1", "must be name n m"),
        (2, "Ann_Lee\t01\t3", "must be name n m"),
        (2, "Ann_Lee\t1\t-3", "must be name n m"),
        (2, "", "must be name n m"),
        (3, "Ann_Lee\t2\t3", "must be name n other m, images of two people, separated by tabs, got"),
        (3, "Ann_Lee\t1\tAnn_Lee\t2", "must be name n other m"),
        (3, "Ann_Lee\t2\tBo_Ek\t12\t", "must be name n other m"),
        (1, "2", "must be the number of folds and of mated pairs per fold"),
        (1, "2\t0", "must be the number of folds"),
        (1, "Ann_Lee\t1\t3", "must be the number of folds"),
    ],
)
def test_bad_line_is_named_with_its_number(tmp_path: Path, line: int, text: str, expected: str) -> None:
    lines = [text if number == line else original for number, original in enumerate(LINES, start=1)]
    path = written(tmp_path, lines)

    with pytest.raises(InputError) as caught:
        read_pairs(path, PEOPLE, FILES)

    assert caught.value.message.startswith(f"{path}, line {line}: {expected}")


@pytest.mark.parametrize(("lines", "line"), [(LINES[:-1], 4), ([*LINES, LINES[-1]], 6), ([], 1), (LINES[:1], 1)])
def test_missing_and_surplus_lines_are_refused(tmp_path: Path, lines: list[str], line: int) -> None:
    with pytest.raises(InputError, match=rf"pairs.txt, line {line}: "):
        read_pairs(written(tmp_path, lines), PEOPLE, FILES)


def test_missing_file_and_file_that_is_no_text_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"pairs.txt: cannot be read"):
        read_pairs(tmp_path / "pairs.txt", PEOPLE, FILES)
    (tmp_path / "pairs.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match=r"pairs.txt: cannot be read"):
        read_pairs(tmp_path / "pairs.txt", PEOPLE, FILES)


def test_device_is_refused_unopened() -> None:
    with pytest.raises(InputError, match=r"/dev/zero: cannot be read: it is not a regular file"):
        read_pairs(Path("/dev/zero"), PEOPLE, FILES)


def test_images_that_are_not_from_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"but this data set has no files"):
        read_pairs(written(tmp_path, LINES), PEOPLE, [])
