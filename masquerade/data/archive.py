"""What a tar archive holds."""

import lzma
import posixpath
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from masquerade.data.tree import Entry
from masquerade.errors import InputError

DAMAGE = (
    *(tarfile.TarError, EOFError, OSError, zlib.error, lzma.LZMAError),
    *(ValueError, OverflowError, MemoryError, RecursionError),  # of headers with impossible numbers, or too many
)


def members(source: Path) -> Iterator[Entry]:
    """Yield every member of a .tar archive (compressed or not) but its folders; links last, as the files they lead to.

    Nothing is extracted: no member can be written anywhere. An entry must be read before the next one is taken.

    Raises:
        InputError: the archive is corrupt, truncated, of another kind or names a path outside itself.
    """
    with _complete(source), tarfile.open(source) as archive:
        files: dict[str, tarfile.TarInfo] = {}
        links = []
        for member in archive:
            path = PurePosixPath(member.name)
            if path.is_absolute() or ".." in path.parts:
                raise InputError(f"{source}: member {member.name} points outside the archive")
            if member.size < 0:  # tarfile would go back, and on for ever
                raise tarfile.ReadError(f"{member.name!r} has a negative size")
            if member.isdir():
                continue
            files[str(path)] = member
            if _is_link(member):
                links.append(member)
            else:
                yield _entry(source, archive, member, member)
        _check_end(archive)
        # In the order of the archive: for each step back a compressed one is unpacked from its start.
        for target, link in sorted(((_followed(link, files), link) for link in links), key=lambda pair: pair[0].offset):
            yield _entry(source, archive, link, target)


def _is_link(member: tarfile.TarInfo) -> bool:
    return member.issym() or member.islnk()


def _entry(source: Path, archive: tarfile.TarFile, member: tarfile.TarInfo, target: tarfile.TarInfo) -> Entry:
    def content() -> bytes:
        with _complete(source):
            return archive.extractfile(target).read()  # type: ignore[union-attr]

    size = target.size if target.isreg() else None
    return Entry(str(PurePosixPath(member.name)), size, _is_link(member), content)


def _followed(link: tarfile.TarInfo, files: Mapping[str, tarfile.TarInfo]) -> tarfile.TarInfo:
    """Return the member a link leads to; a link if the way ends at none of the archive or goes in circles."""
    for _ in range(40):  # Linux follows as many
        folder = posixpath.dirname(link.name) if link.issym() else ""
        target = files.get(posixpath.normpath(posixpath.join(folder, link.linkname)))
        if target is None or not _is_link(target):
            return target or link
        link = target
    return link


def _check_end(archive: tarfile.TarFile) -> None:
    """Read the archive to its end, where whatever compressed it has put a checksum."""
    archive.fileobj.seek(archive.offset)
    # tarfile takes a cut between two members for the end, which is 512 zero bytes.
    if archive.fileobj.read(512) != bytes(512):
        raise EOFError("its end is missing")
    while rest := archive.fileobj.read(2**20):
        if rest.strip(b"\0"):
            raise tarfile.ReadError("more data follow its end")


@contextmanager
def _complete(source: Path) -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        raise InputError(f"{source}: cannot be read: {error.strerror}") from error
    except DAMAGE as error:
        reason = str(error).partition(":\n")[0]  # tarfile lists what it tried on further lines
        with source.open("rb") as file:
            match file.read(4):
                case b"":
                    reason = "it is empty"
                case b"PK\3\4":
                    reason = "it is a zip archive; unpack it"
        raise InputError(f"{source}: is not a complete tar archive: {reason}") from error
