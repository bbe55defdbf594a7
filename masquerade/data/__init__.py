"""Data sets by the name params.yaml calls them."""

from collections.abc import Callable
from pathlib import Path

from masquerade.data import folder, lfw, mnist, mnist5k, orl
from masquerade.data.pictures import Pictures
from masquerade.errors import InputError

READERS: dict[str, Callable[[Path | None, int], Pictures]] = {
    "mnist5k": mnist5k.read,
    "mnist": mnist.read,
    "orl": orl.read,
    "lfw": lfw.read,
    "folder": folder.read,
}


def read(dataset: str, source: str | None, size: int) -> Pictures:
    """Read a data set by name, every picture resized to ``size`` pixels a side.

    Args:
        source: a folder or archive; None for what the data set's own package or download provides.

    Raises:
        InputError: no such data set, or it cannot be read.
    """
    if dataset not in READERS:
        raise InputError(f"dataset: must be one of {', '.join(READERS)}, got {dataset!r}")
    path = Path(source).expanduser() if source is not None else None
    if path is not None and not path.exists():
        raise InputError(f"source: {path} does not exist")
    return READERS[dataset](path, size)
