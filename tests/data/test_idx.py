import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from masquerade.data import idx, read
from masquerade.errors import InputError

TRAIN = np.random.default_rng(0).integers(0, 256, (5, 12, 12), dtype=np.uint8)
TEST = np.random.default_rng(1).integers(0, 256, (3, 12, 12), dtype=np.uint8)
PARTS = [TRAIN, np.array([7, 10, 7, 3, 10], np.uint8), TEST, np.array([3, 3, 7], np.uint8)]


def encoded(array: np.ndarray) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, array in zip(idx.FILES, PARTS, strict=True):
        (tmp_path / name).write_bytes(encoded(array))
    return tmp_path


def test_any_four_files_are_read_with_their_official_test(folder: Path) -> None:
    image_set = read("idx", str(folder), 12)

    np.testing.assert_array_equal(image_set.images[..., 0], np.concatenate([TRAIN, TEST]), strict=True)
    assert image_set.names[image_set.labels].tolist() == ["7", "10", "7", "3", "10", "3", "3", "7"]
    assert image_set.official_test.tolist() == 5 * [False] + 3 * [True]
    assert len(set(image_set.subjects.tolist())) == 8


def test_names_as_emnist_gives_them_compressed(folder: Path) -> None:
    for file in list(folder.iterdir()):
        name = f"emnist-letters-{file.name.replace('t10k', 'test')}.gz"
        file.with_name(name).write_bytes(gzip.compress(file.read_bytes()))
        file.unlink()

    assert len(read("idx", str(folder), 12)) == 8


def test_two_sets_in_one_folder_are_refused(folder: Path) -> None:
    (folder / "emnist-train-images-idx3-ubyte").write_bytes(encoded(TRAIN))

    with pytest.raises(InputError, match="could be train-images-idx3-ubyte: emnist-train-images-idx3-ubyte, train-"):
        read("idx", str(folder), 12)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("train-images-idx3-ubyte", b"PNG", "is not an idx file of bytes with 3 axes"),
        ("train-images-idx3-ubyte", encoded(TRAIN.astype(np.uint8))[:-1], "has fewer bytes than the 720 its header"),
        ("train-images-idx3-ubyte", encoded(PARTS[1]), "is not an idx file of bytes with 3 axes"),
        ("train-labels-idx1-ubyte", encoded(PARTS[1][:4]), "train-images-idx3-ubyte has 5 images, but there are 4 lab"),
        ("t10k-images-idx3-ubyte", encoded(TEST[:, 1:]), "squares of one size, not 12×12 and 11×12 pixels"),
        ("t10k-images-idx3-ubyte", encoded(TEST)[:4] + b"\xff" * 12, "bytes are more than 1,073,741,824"),
    ],
)
def test_damaged_file_is_refused_in_one_sentence(folder: Path, name: str, content: bytes, message: str) -> None:
    (folder / name).write_bytes(content)

    with pytest.raises(InputError, match=message):
        read("idx", str(folder), 12)


def test_source_is_needed() -> None:
    with pytest.raises(InputError, match="source: must be a folder with four idx files"):
        read("idx", None, 12)
