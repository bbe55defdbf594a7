import gzip
import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest

from masquerade.data import mnist, read
from masquerade.errors import InputError

TRAIN = np.random.default_rng(0).integers(0, 256, (5, 28, 28), dtype=np.uint8)
TEST = np.random.default_rng(1).integers(0, 256, (3, 28, 28), dtype=np.uint8)
TRAIN_LABELS = np.array([7, 0, 7, 3, 0], dtype=np.uint8)
TEST_LABELS = np.array([3, 3, 7], dtype=np.uint8)


def idx(array: np.ndarray) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The four files with 5 + 3 digits, taken for the published ones."""
    for name, array in zip(mnist.FILES, [TRAIN, TRAIN_LABELS, TEST, TEST_LABELS], strict=True):
        (tmp_path / name).write_bytes(idx(array))
        monkeypatch.setitem(mnist.FILES, name, hashlib.md5(idx(array)).hexdigest())
    return tmp_path


@pytest.mark.parametrize("compressed", [False, True])
def test_digits_labels_and_official_test_are_read(folder: Path, compressed: bool) -> None:
    if compressed:
        for file in list(folder.iterdir()):
            file.with_name(file.name + ".gz").write_bytes(gzip.compress(file.read_bytes()))
            file.unlink()

    digits = read("mnist", str(folder), 28)

    np.testing.assert_array_equal(digits.images[..., 0], np.concatenate([TRAIN, TEST]), strict=True)
    assert digits.names.tolist() == ["0", "3", "7"]
    assert digits.names[digits.labels].tolist() == list("70730337")
    assert digits.official_test.tolist() == 5 * [False] + 3 * [True]
    assert len(np.unique(digits.subjects)) == 8  # nobody recorded the writers in these files


def test_digits_are_resized(folder: Path) -> None:
    assert read("mnist", str(folder), 32).images.shape == (8, 32, 32, 1)


def test_file_that_is_not_the_published_one_is_refused(folder: Path) -> None:
    changed = folder / "t10k-labels-idx1-ubyte"
    changed.write_bytes(idx(TEST_LABELS[::-1]))

    with pytest.raises(InputError, match=r"t10k-labels-idx1-ubyte: is not the published file \(its md5"):
        mnist.read(folder, 28)


def test_missing_file_is_named(folder: Path) -> None:
    (folder / "train-labels-idx1-ubyte").unlink()

    with pytest.raises(InputError, match=r"neither train-labels-idx1-ubyte nor train-labels-idx1-ubyte.gz is there"):
        mnist.read(folder, 28)


@pytest.mark.parametrize("kept", [0, 5, 40, -9, -1])
def test_truncated_gz_is_refused(folder: Path, kept: int) -> None:
    file = folder / "train-images-idx3-ubyte"
    file.with_name(file.name + ".gz").write_bytes(gzip.compress(file.read_bytes())[:kept])
    file.unlink()

    with pytest.raises(InputError, match=r"train-images-idx3-ubyte.gz: "):
        mnist.read(folder, 28)


def test_nothing_is_read_beyond_what_the_header_says(folder: Path) -> None:
    """A .gz of 1 MB can hold 1 GB of zeros: its end, missing here, is not reached."""
    file = folder / "train-images-idx3-ubyte"
    content = gzip.compress(file.read_bytes() + bytes(2**24))
    file.with_name(file.name + ".gz").write_bytes(content[:-8])
    file.unlink()

    with pytest.raises(InputError, match=r"train-images-idx3-ubyte.gz: has more bytes than the 3,920 "):
        mnist.read(folder, 28)


def test_file_that_may_not_be_looked_at_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, mode: str) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)

    with pytest.raises(InputError, match=r"train-images-idx3-ubyte: cannot be read: .*Permission denied"):
        mnist.read(folder, 28)


def test_published_checksums_are_32_hex_digits_and_differ() -> None:
    assert len(set(mnist.FILES.values())) == 4
    assert all(len(bytes.fromhex(digest)) == 16 for digest in mnist.FILES.values())


@pytest.mark.parametrize("error", [Exception("URL fetch failure on https://…: None"), OSError("no route to host")])
def test_failed_download_names_what_would_work(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def load_data() -> None:
        raise error

    monkeypatch.setattr("keras.datasets.mnist.load_data", load_data)
    with pytest.raises(InputError) as caught:
        mnist.read(None, 28)

    assert caught.value.message.startswith(f"MNIST cannot be downloaded ({error})")
    assert "; set source to a folder with the four idx files, or dataset=mnist5k" in caught.value.message
    assert "\n" not in caught.value.message


def test_download_is_read_like_the_files(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr("keras.datasets.mnist.load_data", lambda: ((TRAIN, TRAIN_LABELS), (TEST, TEST_LABELS)))
    downloaded, files = mnist.read(None, 28), mnist.read(folder, 28)

    np.testing.assert_array_equal(downloaded.images, files.images, strict=True)
    np.testing.assert_array_equal(downloaded.labels, files.labels, strict=True)
    np.testing.assert_array_equal(downloaded.official_test, files.official_test, strict=True)
