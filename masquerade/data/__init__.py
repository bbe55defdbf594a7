"""Data sets by their names in params.yaml."""

from pathlib import Path
from typing import Literal

from masquerade.data import folder, idx, lfw, mnist, mnist5k, orl
from masquerade.data.decode import MEGAPIXELS, Crop
from masquerade.data.image_set import ImageSet
from masquerade.errors import InputError


def read(
    dataset: str,
    source: str | None,
    size: int,
    crop: Crop | Literal["face"] | None = None,
    max_megapixels: float = MEGAPIXELS,
) -> ImageSet:
    """Read a data set by name and resize every image to ``size`` × ``size`` pixels.

    Args:
        source: a folder or archive; None: the data set's own package or download.
        crop: for ``folder`` only: top, bottom, left, right in pixels, or ``face``, which is looked for in every image;
            None: the largest square in the middle.
        max_megapixels: larger image files are refused before they are decoded.

    Raises:
        InputError: there is no such data set, or it cannot be read.
    """
    path = None if source is None else _existing(source)
    match dataset:
        case "mnist5k":
            return mnist5k.read(path, size)
        case "mnist":
            return mnist.read(path, size)
        case "idx":
            return idx.read(path, size)
        case "orl":
            return orl.read(path, size, max_megapixels)
        case "lfw":
            return lfw.read(path, size, max_megapixels)
        case "folder":
            return folder.read(path, size, crop, max_megapixels)
    raise InputError(f"dataset: must be one of mnist5k, mnist, idx, orl, lfw, folder, got {dataset!r}")


def _existing(source: str) -> Path:
    """Return a folder or file; refuse a device or FIFO without opening it."""
    try:
        path = Path(source).expanduser()
        if path.is_dir() or path.is_file():
            return path
        reason = "is neither a folder nor a file" if path.exists() else "does not exist"
    except (OSError, RuntimeError) as error:  # no user called name in ~name
        raise InputError(f"source: {source} cannot be read: {error}") from error
    raise InputError(f"source: {path} {reason}")
