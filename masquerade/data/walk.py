"""Files below a folder."""

import os
from collections import deque
from collections.abc import Iterator
from functools import partial
from operator import attrgetter
from pathlib import Path

from masquerade.data.tree import Entry
from masquerade.errors import InputError


def walk(source: Path) -> Iterator[Entry]:
    """Yield every file below a folder; links are followed, and hidden folders are yielded without being opened.

    Raises:
        InputError: a folder or file cannot be read, or a link leads to a folder that contains it.
    """
    waiting: deque[tuple[Path, frozenset[tuple[int, int]]]] = deque([(source, frozenset())])
    while waiting:
        folder, above = waiting.popleft()
        try:
            status = folder.stat()
            here = (status.st_dev, status.st_ino)
            if here in above:
                raise InputError(f"{folder}: is a link to a folder that contains it")
            with os.scandir(folder) as entries:
                for entry in sorted(entries, key=attrgetter("name")):
                    path = Path(entry.path)
                    if entry.is_dir() and not entry.name.startswith("."):
                        waiting.append((path, above | {here}))
                        continue
                    size = entry.stat().st_size if entry.is_file() else None
                    name = path.relative_to(source).as_posix()
                    yield Entry(name, size, entry.is_symlink(), partial(_content, path))
        except OSError as error:
            raise InputError(f"{error.filename or folder}: cannot be read: {error.strerror or error}") from error


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error
