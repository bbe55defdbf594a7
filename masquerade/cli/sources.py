"""Images in files, folders and tar archives, and what becomes of each."""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import numpy as np
from tqdm import tqdm

from masquerade.cli.options import content
from masquerade.data.archive import members
from masquerade.data.tree import SUFFIXES, Entry, Tree
from masquerade.data.walk import walk
from masquerade.errors import InputError

TOGETHER = 64
"""Images that are read, and then distorted or embedded, at once."""


class Picture(NamedTuple):
    """An image's file.

    Attributes:
        path: below its folder or in its archive.
        subject: name of the folder that it lies in.
        name: for errors.
        read: returns the content; call it before the next picture is taken.
    """

    path: PurePosixPath
    subject: str
    name: str
    read: Callable[[], bytes]


@dataclass
class Tally:
    """What became of the files of some sources. Nothing is left out in silence.

    Attributes:
        skipped: files that are no images, by reason.
        failed: a sentence for each that should have been one.
    """

    skipped: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)

    def fail(self, sentence: str) -> None:
        """Say at once what cannot be used, and go on."""
        self.failed.append(sentence)
        tqdm.write(f"Error: {sentence}", file=sys.stderr)

    def pictures(self, sources: Sequence[Path]) -> Iterator[Picture]:
        """Yield the images of all sources.

        Raises:
            InputError: before the first one, if a source is neither a file nor a folder.
        """
        for source in sources:
            if not source.is_dir() and not source.is_file():
                raise InputError(f"{source}: {'is not a file or folder' if source.exists() else 'does not exist'}")
        for source in sources:
            yield from self._pictures(source)

    def batches(
        self, pictures: Iterable[Picture], read: Callable[[str, bytes], np.ndarray]
    ) -> Iterator[tuple[list[Picture], np.ndarray]]:
        """Yield pictures and what they show, uint8 (n, h, w, c), some at once, without those that cannot be read.

        Args:
            read: decodes a file of this name and content.
        """
        waiting: list[tuple[Picture, np.ndarray]] = []
        for picture in pictures:
            try:
                waiting.append((picture, read(picture.name, picture.read())))
            except InputError as error:
                self.fail(error.message)
            if len(waiting) == TOGETHER:
                yield _batch(waiting)
                waiting = []
        if waiting:
            yield _batch(waiting)

    def as_dict(self) -> dict[str, Any]:
        """Return what is said about it in JSON."""
        return {"skipped": dict(self.skipped), "failed": self.failed}

    def line(self) -> str:
        """Return what is said about it to people, after other counts."""
        reasons = ", ".join(f"{count} {reason}" for reason, count in self.skipped.most_common())
        return f"{len(self.failed)} failed" + (f", skipped: {reasons}" if reasons else "")

    def check(self, count: int) -> None:
        """Raise :class:`InputError` if something failed, or if there were no images among the sources."""
        if self.failed:
            raise InputError(f"{len(self.failed)} of {count + len(self.failed)} could not be used, see above")
        if not count:
            raise InputError("there is no image in what was given")

    def _pictures(self, source: Path) -> Iterator[Picture]:
        entries, root, folder = _opened(source)
        current: Entry

        def without_content() -> Iterator[Entry]:
            """Let the tree tell what is an image; whether its content is needed turns out later."""
            nonlocal current
            for current in entries:
                yield current._replace(path=f"{folder}/{current.path}", read=bytes)

        tree = Tree(root, without_content())
        while True:
            try:
                for path, _ in tree:
                    subject = PurePosixPath(path).parent.name
                    yield Picture(PurePosixPath(current.path), subject, str(root / current.path), current.read)
                break
            except InputError as error:
                self.fail(error.message)
        self.skipped += tree.skipped


def _opened(source: Path) -> tuple[Iterator[Entry], Path, str]:
    """Return the files of a source, what their paths begin at, and the folder that those at its top belong to."""
    real = source.resolve()
    if source.is_dir():
        return walk(source), source, _plain(real.name)
    if source.suffix.lower() in SUFFIXES:
        file = Entry(source.name, source.stat().st_size, False, partial(content, source))
        return iter([file]), source.parent, _plain(real.parent.name)
    return members(source), source, _plain(source.name.split(".")[0])


def _plain(name: str) -> str:
    return name.lstrip(".") or "images"  # what begins with a dot would be hidden


def _batch(read: Sequence[tuple[Picture, np.ndarray]]) -> tuple[list[Picture], np.ndarray]:
    return [picture for picture, _ in read], np.stack([image for _, image in read])
