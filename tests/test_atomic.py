from pathlib import Path

import pytest

from masquerade.atomic import replacing
from masquerade.errors import InputError


def test_file_appears_whole_in_folders_that_were_missing(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "result.npz"

    with replacing(path) as temporary:
        assert temporary.suffix == ".npz"
        temporary.write_text("new")
        assert not path.exists()

    assert path.read_text() == "new"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_interrupted_write_leaves_the_old_file_and_no_temporary(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "result.txt"
    path.write_text("old")

    with pytest.raises(error), replacing(path) as temporary:  # noqa: PT012
        temporary.write_text("half")
        raise error

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_full_disk_is_one_sentence_that_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "result.txt"

    with pytest.raises(InputError, match=r"result.txt: cannot be written: No space left on device"), replacing(path):
        raise OSError(28, "No space left on device")

    assert list(tmp_path.iterdir()) == []


def test_folder_that_is_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")

    with (
        pytest.raises(InputError, match=r"x.txt: cannot be written"),
        replacing(tmp_path / "data" / "x.txt") as temporary,
    ):
        temporary.write_text("never")
