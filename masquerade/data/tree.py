"""Pictures laid out as class/picture.png, in a folder or an archive."""

import lzma
import tarfile
import zlib
from collections.abc import Iterator, Set
from pathlib import Path, PurePosixPath

from masquerade.errors import InputError

SUFFIXES = {".png", ".jpg", ".jpeg", ".pgm", ".ppm", ".bmp", ".tif", ".tiff", ".webp"}


def read_tree(source: Path, suffixes: Set[str] = SUFFIXES) -> Iterator[tuple[str, bytes]]:
    """Yield (path, content) of every picture below a folder or in a .tar archive (compressed or not).

    Raises:
        InputError: the archive is corrupt, truncated or names a path outside itself.
    """
    if source.is_dir():
        for file in sorted(source.rglob("*")):
            path = file.relative_to(source).as_posix()
            if _is_picture(path, suffixes) and file.is_file():
                yield path, file.read_bytes()
        return
    try:
        # Never extracted: no member can be written anywhere.
        with tarfile.open(source) as archive:
            for member in archive:
                if PurePosixPath(member.name).is_absolute() or ".." in PurePosixPath(member.name).parts:
                    raise InputError(f"{source}: member {member.name} points outside the archive")
                if member.isfile() and _is_picture(member.name, suffixes):
                    yield member.name, archive.extractfile(member).read()  # type: ignore[union-attr]
            # tarfile takes a cut between two members for the end, which is 512 zero bytes.
            archive.fileobj.seek(archive.offset)
            if archive.fileobj.read(512) != bytes(512):
                raise EOFError("its end is missing")
    except (tarfile.TarError, EOFError, OSError, zlib.error, lzma.LZMAError) as error:
        raise InputError(f"{source}: is not a complete tar archive: {error}") from error


def _is_picture(path: str, suffixes: Set[str]) -> bool:
    parts = PurePosixPath(path)
    return parts.suffix.lower() in suffixes and len(parts.parts) >= 2 and not parts.name.startswith(".")
