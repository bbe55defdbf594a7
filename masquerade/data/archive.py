"""Members of a tar archive."""

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
    *(ValueError, OverflowError, MemoryError, RecursionError),  # impossible numbers in headers, or too many headers
)


def members(source: Path) -> Iterator[Entry]:
    """Yield every member of a .tar archive (compressed or not) except folders; links come last, as their target files.

    Nothing is extracted, so no member is ever written to disk. Read an entry before taking the next one.

    Raises:
        InputError: the archive is corrupt, truncated, of another format, or has a member outside itself.
    """
    with _complete(source), tarfile.open(source) as archive:
        files: dict[str, tarfile.TarInfo] = {}
        links = []
        for member in archive:
            path = PurePosixPath(member.name)
            if path.is_absolute() or ".." in path.parts:
                raise InputError(f"{source}: member {member.name} points outside the archive")
            if member.size < 0:  # tarfile would seek back and loop for ever
                raise tarfile.ReadError(f"{member.name!r} has a negative size")
            if member.isdir():
                continue
            files[str(path)] = member
            if _is_link(member):
                links.append(member)
            else:
                yield _entry(source, archive, member, member)
        _check_end(archive)
        # In the archive's order: each step back would decompress it from its start.
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
    """Return the member a link leads to; a link itself if it leads out of the archive or in a circle."""
    for _ in range(40):  # as many as Linux follows
        folder = posixpath.dirname(link.name) if link.issym() else ""
        target = files.get(posixpath.normpath(posixpath.join(folder, link.linkname)))
        if target is None or not _is_link(target):
            return target or link
        link = target
    return link


def _check_end(archive: tarfile.TarFile) -> None:
    """Read the archive to its end, where the compressor stores a checksum."""
    archive.fileobj.seek(archive.offset)
    # An archive ends with 512 zero bytes, but tarfile also accepts one that is cut between two members.
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
