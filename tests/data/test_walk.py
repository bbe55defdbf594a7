import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from fixture_types import WriteTree

from masquerade.data.tree import Tree
from masquerade.data.walk import walk
from masquerade.errors import InputError


@pytest.fixture
def source(tmp_path: Path, write_tree: WriteTree) -> Path:
    write_tree(tmp_path / "elsewhere", {"Cy/1.png": b"cy", "9.png": b"nine"})
    return write_tree(tmp_path / "faces", {"Ann/1.png": b"ann", "Bo/1.png": b"bo"})


def read(source: Path) -> dict[str, bytes]:
    return dict(Tree(source, walk(source)))


def test_links_to_folders_and_files_are_followed(source: Path, tmp_path: Path) -> None:
    (source / "Cy").symlink_to(tmp_path / "elsewhere" / "Cy")
    (source / "Bo" / "2.png").symlink_to(tmp_path / "elsewhere" / "9.png")

    assert read(source) == {"Ann/1.png": b"ann", "Bo/1.png": b"bo", "Bo/2.png": b"nine", "Cy/1.png": b"cy"}


@pytest.mark.parametrize(("link", "target"), [("Ann/all", "."), ("Ann/self", "Ann"), ("Ann/there", "Bo")])
def test_link_that_leads_in_circles_is_named(source: Path, link: str, target: str) -> None:
    (source / link).symlink_to(source / target)
    (source / "Bo" / "back").symlink_to(source / "Ann")

    with pytest.raises(InputError, match="is a link to a folder that contains it"):
        read(source)


@pytest.mark.parametrize("name", ["Bo/2.png", "Cy"])
def test_broken_link_is_named(source: Path, name: str) -> None:
    (source / name).symlink_to("nowhere")

    with pytest.raises(InputError, match=rf"faces: '{name}' is a link to no file"):
        read(source)


def test_fifo_is_never_opened(source: Path) -> None:
    os.mkfifo(source / "Bo" / "pipe")
    tree = Tree(source, walk(source))

    assert len(list(tree)) == 2
    assert tree.skipped == {"without a usual suffix": 1}

    os.mkfifo(source / "Bo" / "2.png")
    with pytest.raises(InputError, match=r"faces: 'Bo/2.png' is not a regular file"):
        read(source)


def test_folder_that_may_not_be_read_is_named(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a refusing system call: root may read everything."""
    scandir = os.scandir

    def refuse(folder: Path) -> AbstractContextManager[Iterator[os.DirEntry[str]]]:
        if Path(folder).name == "Bo":
            raise PermissionError(13, "Permission denied", str(folder))
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refuse)

    with pytest.raises(InputError, match=r"faces/Bo: cannot be read: Permission denied"):
        read(source)


def test_file_that_may_not_be_read_is_named(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read_bytes = Path.read_bytes

    def refuse(file: Path) -> bytes:
        if file == source / "Bo" / "1.png":
            raise PermissionError(13, "Permission denied", str(file))
        return read_bytes(file)

    monkeypatch.setattr(Path, "read_bytes", refuse)

    with pytest.raises(InputError, match=r"faces/Bo/1.png: cannot be read: Permission denied"):
        read(source)


def test_hidden_folder_is_counted_and_not_opened(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (source / "Bo" / ".thumbs").mkdir()
    (source / "Bo" / ".thumbs" / "1.png").write_bytes(b"small")
    opened: list[str] = []
    scandir = os.scandir

    def note(folder: Path) -> AbstractContextManager[Iterator[os.DirEntry[str]]]:
        opened.append(Path(folder).name)
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", note)
    tree = Tree(source, walk(source))

    assert len(list(tree)) == 2
    assert tree.skipped == {"hidden": 1}
    assert sorted(opened) == ["Ann", "Bo", "faces"]
