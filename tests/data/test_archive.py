import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from fixture_types import TarMode

from masquerade.data.archive import members
from masquerade.data.tree import Tree
from masquerade.errors import InputError

MODES = ["w", "w:gz", "w:bz2", "w:xz"]
FILES = {"a/1.png": b"one", "a/2.png": b"two", "b/1.png": b"three"}


def read(archive: Path) -> dict[str, bytes]:
    return dict(Tree(archive, members(archive)))


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """FILES and then members without content: write([(name, type, link)], mode)."""

    def make(more: list[tuple[str, bytes, str]], mode: TarMode = "w", **header: int) -> Path:
        with tarfile.open(tmp_path / "faces.tar", mode) as tar:
            for name, content in FILES.items():
                member = tarfile.TarInfo(name)
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
            for name, kind, link in more:
                member = tarfile.TarInfo(name)
                member.type, member.linkname = kind, link
                for key, value in header.items():
                    setattr(member, key, value)
                tar.addfile(member)
        return tmp_path / "faces.tar"

    return make


@pytest.mark.parametrize("mode", MODES)
def test_links_are_read_as_what_they_lead_to(write: Callable[..., Path], mode: TarMode) -> None:
    archive = write(
        [
            ("c/1.png", tarfile.LNKTYPE, "a/2.png"),  # a hard link names a path from the top of the archive
            ("c/2.png", tarfile.SYMTYPE, "../b/1.png"),
            ("c/3.png", tarfile.SYMTYPE, "4.png"),  # a link to a link that comes later
            ("c/4.png", tarfile.LNKTYPE, "./a/1.png"),
            ("c/notes.txt", tarfile.LNKTYPE, "a/1.png"),
        ],
        mode,
    )

    linked = {"c/1.png": b"two", "c/2.png": b"three", "c/3.png": b"one", "c/4.png": b"one"}
    assert read(archive) == FILES | linked


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("name", "kind", "target"),
    [
        ("c/1.png", tarfile.SYMTYPE, "/etc/passwd"),
        ("c/1.png", tarfile.SYMTYPE, "../../a/1.png"),
        ("c/1.png", tarfile.LNKTYPE, "b/9.png"),
        ("c/1.png", tarfile.SYMTYPE, "1.png"),  # itself
        ("c", tarfile.SYMTYPE, "a"),  # a folder
        ("c/1.png", tarfile.FIFOTYPE, ""),
        ("c/1.png", tarfile.CHRTYPE, ""),
        ("c/1.png", tarfile.BLKTYPE, ""),
        ("c/1.png", b"Z", ""),
    ],
)
def test_image_that_is_no_file_of_the_archive_is_named(
    write: Callable[..., Path], mode: TarMode, name: str, kind: bytes, target: str
) -> None:
    what = "a link to no file" if target else "not a regular file"
    with pytest.raises(InputError, match=rf"faces.tar: '{name}' is {what}"):
        read(write([(name, kind, target)], mode))


def test_devices_without_the_name_of_an_image_are_counted(write: Callable[..., Path]) -> None:
    archive = write([("dev/null", tarfile.CHRTYPE, ""), ("b/pipe", tarfile.FIFOTYPE, ""), ("b", tarfile.DIRTYPE, "")])
    tree = Tree(archive, members(archive))

    assert dict(tree) == FILES
    assert tree.skipped == {"without a usual suffix": 2}


def test_member_of_3_gib_is_refused_by_its_header(tmp_path: Path) -> None:
    header = tarfile.TarInfo("a/1.png")
    header.size = 3 * 2**30
    (tmp_path / "faces.tar").write_bytes(header.tobuf())

    with pytest.raises(InputError, match=r"faces.tar: a/1.png has 3,221,225,472 bytes; max_megapixels = 50 allows"):
        read(tmp_path / "faces.tar")


def test_negative_size_does_not_send_the_reader_back_for_ever(write: Callable[..., Path]) -> None:
    with pytest.raises(InputError, match=r"faces.tar: is not a complete tar archive"):
        read(write([("c/1.png", tarfile.REGTYPE, "")], size=-2048))


def test_chain_of_headers_is_no_recursion_error(write: Callable[..., Path]) -> None:
    archive = write([])
    header = tarfile.TarInfo("x")
    header.type = tarfile.XHDTYPE
    archive.write_bytes(2000 * header.tobuf() + archive.read_bytes())

    with pytest.raises(InputError, match=r"faces.tar: is not a complete tar archive"):
        read(archive)


def test_zip_archive_is_called_one(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "faces.zip", "w") as file:
        file.writestr("a/1.png", b"one")

    with pytest.raises(InputError) as caught:
        read(tmp_path / "faces.zip")

    assert caught.value.message == f"{file.filename}: is not a complete tar archive: it is a zip archive; unpack it"


@pytest.mark.parametrize(("content", "reason"), [(b"", "it is empty"), (b"text", "file could not be opened successf")])
def test_what_is_no_archive_is_one_sentence(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "faces.tgz").write_bytes(content)

    with pytest.raises(InputError) as caught:
        read(tmp_path / "faces.tgz")

    assert caught.value.message.startswith(f"{tmp_path / 'faces.tgz'}: is not a complete tar archive: {reason}")
    assert caught.value.message.isprintable()


def test_archive_behind_another_is_not_passed_over(write: Callable[..., Path]) -> None:
    archive = write([])
    archive.write_bytes(2 * archive.read_bytes())  # cat a.tar b.tar

    with pytest.raises(InputError, match=r"faces.tar: is not a complete tar archive: more data follow its end"):
        read(archive)


def test_member_that_is_there_twice_is_refused(write: Callable[..., Path]) -> None:
    """As `tar --append` leaves it; an unpacker would write the last one over the first."""
    with pytest.raises(InputError, match=r"faces.tar: a/1.png occurs twice"):
        read(write([("./a/1.png", tarfile.REGTYPE, "")]))


def test_archive_that_may_not_be_read_is_named(write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: Path) -> None:
        raise PermissionError(13, "Permission denied", str(name))

    archive = write([])
    monkeypatch.setattr(tarfile, "open", refuse)

    with pytest.raises(InputError, match=r"faces.tar: cannot be read: Permission denied"):
        read(archive)
