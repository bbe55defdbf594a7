import pickle
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from fixture_types import Mutations

from masquerade.arrays import ArrayFile
from masquerade.errors import InputError


@dataclass(frozen=True)
class Two(ArrayFile):
    numbers: np.ndarray
    names: np.ndarray


def test_arrays_come_back_with_type_and_shape(tmp_path: Path) -> None:
    two = Two(np.arange(6, dtype=np.uint8).reshape(2, 3), np.array(["Zoë", "b"]))

    two.save(tmp_path / "two.npz")
    loaded = Two.load(tmp_path / "two.npz")

    np.testing.assert_array_equal(loaded.numbers, two.numbers, strict=True)
    np.testing.assert_array_equal(loaded.names, two.names, strict=True)


def test_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "two.npz"
    Two(np.zeros(1), np.array(["old"])).save(path)

    def savez(file: Path, **arrays: np.ndarray) -> None:
        Path(file).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", savez)
    with pytest.raises(InputError, match=r"two.npz: cannot be written: No space left"):
        Two(np.ones(1), np.array(["new"])).save(path)

    assert Two.load(path).names == ["old"]
    assert list(tmp_path.iterdir()) == [path]


def test_missing_file_names_the_way_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"two.npz: missing; dvc repro"):
        Two.load(tmp_path / "two.npz")


@pytest.mark.parametrize("kept", [0, 1, 30, 0.5, 0.9, 0.999])
def test_truncated_file_is_refused(tmp_path: Path, kept: float) -> None:
    path = tmp_path / "two.npz"
    Two(np.arange(1000), np.array(["a"])).save(path)
    content = path.read_bytes()
    path.write_bytes(content[: kept if isinstance(kept, int) else int(kept * len(content))])

    with pytest.raises(InputError, match=r"two.npz: is not a complete Two file"):
        Two.load(path)


def test_flipped_byte_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "two.npz"
    Two(np.arange(1000), np.array(["a"])).save(path)
    content = bytearray(path.read_bytes())
    content[2000] ^= 255
    path.write_bytes(content)

    with pytest.raises(InputError, match="is not a complete Two file"):
        Two.load(path)


def test_other_arrays_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "two.npz", numbers=np.zeros(1))

    with pytest.raises(InputError, match="names"):
        Two.load(tmp_path / "two.npz")


def test_pickled_objects_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "two.npz", numbers=np.array([{}], dtype=object), names=np.array(["a"]))

    with pytest.raises(InputError, match="allow_pickle"):
        Two.load(tmp_path / "two.npz")


def test_damaged_file_reads_as_it_was_or_is_one_sentence(
    tmp_path: Path, mutations: Mutations, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, two, sentences = tmp_path / "two.npz", Two(np.arange(6, dtype=np.uint8), np.array(["a", "Zoë"])), []
    two.save(path)
    monkeypatch.setattr(pickle, "load", lambda *_, **__: pytest.fail("unpickled"))

    for content in mutations(path.read_bytes(), 800):
        path.write_bytes(content)
        try:
            loaded = Two.load(path)
        except InputError as error:
            sentences.append(error.message)
        else:  # a date in the archive
            np.testing.assert_array_equal(loaded.numbers, two.numbers, strict=True)
            np.testing.assert_array_equal(loaded.names, two.names, strict=True)

    assert len(sentences) > 600
    assert all(sentence.startswith(f"{path}: is not a complete Two file: ") for sentence in sentences)
    assert "\n" not in "".join(sentences)
