"""Images laid out as class/image.png, in a folder or an archive."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from masquerade.data.decode import MEGAPIXELS
from masquerade.errors import InputError

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".pgm", ".ppm", ".bmp", ".tif", ".tiff", ".webp"})
HIDDEN = "hidden"


class Entry(NamedTuple):
    """A file in a folder or archive.

    Attributes:
        path: below the folder or in the archive, with ``/`` between the parts.
        size: bytes; None if it is not a regular file: a FIFO, a device or a link to no file.
        link: whether it is a link.
        read: returns the content.
    """

    path: str
    size: int | None
    link: bool
    read: Callable[[], bytes]


@dataclass
class Tree:
    """The images among some entries. Iterating yields (path, content) of each and counts what is skipped.

    Attributes:
        source: the folder or archive, for errors.
        max_megapixels: files with more than four bytes for each of these pixels are refused before they are read.
        skipped: number of entries skipped so far, by reason.
    """

    source: Path
    entries: Iterator[Entry]
    suffixes: Set[str] = SUFFIXES
    max_megapixels: float = MEGAPIXELS
    skipped: Counter[str] = field(default_factory=Counter)

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        """Yield (path, content) of every image.

        Raises:
            InputError: an image cannot be read, is too large, occurs twice or has a name that is not UTF-8, or a
                link leads to no file.
        """
        limit = int(4e6 * self.max_megapixels) + 2**20  # uncompressed pixels, and room for metadata
        seen = set()
        for path, size, link, read in self.entries:
            reason = self._reason(PurePosixPath(path))
            if size is None and (reason is None or (link and reason != HIDDEN)):
                raise InputError(f"{self.source}: {path!r} is {'a link to no file' if link else 'not a regular file'}")
            if reason is not None:
                self.skipped[reason] += 1
                continue
            if re.search(r"[\x00-\x1f\x7f\ud800-\udfff]", path):
                raise InputError(f"{self.source}: {path!r} is not UTF-8 or has control characters in its name")
            if path in seen:
                raise InputError(f"{self.source}: {path} occurs twice")
            seen.add(path)
            assert size is not None
            if size > limit:
                allowed = f"max_megapixels = {self.max_megapixels:g} allows {limit:,}"
                raise InputError(f"{self.source}: {path} has {size:,} bytes; {allowed}")
            yield path, read()

    def _reason(self, path: PurePosixPath) -> str | None:
        """Say why a file is skipped; None if it is not."""
        suffix = path.suffix.lower()
        if any(part.startswith(".") for part in path.parts):
            return HIDDEN
        if suffix not in self.suffixes:
            known = re.fullmatch(r"\.[a-z0-9]{1,8}", suffix)
            return f"{suffix} (unsupported format)" if known else "without a usual suffix"
        return "outside a class folder" if len(path.parts) < 2 else None
