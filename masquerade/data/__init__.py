"""Data sets by the name params.yaml calls them."""

from pathlib import Path

from masquerade.data import folder, idx, lfw, mnist, mnist5k, orl
from masquerade.data.decode import MEGAPIXELS, Crop
from masquerade.data.image_set import ImageSet
from masquerade.errors import InputError


def read(
    dataset: str, source: str | None, size: int, crop: Crop | None = None, max_megapixels: float = MEGAPIXELS
) -> ImageSet:
    """Read a data set by name, every image resized to ``size`` pixels a side.

    Args:
        source: a folder or archive; None for what the data set's own package or download provides.
        crop: for ``folder``, whose images nobody knows: top, bottom, left, right in pixels; None: the largest square
            in the middle.
        max_megapixels: of an image file; a larger one is refused before it is decoded.

    Raises:
        InputError: no such data set, or it cannot be read.
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
    """Return a folder or file; a device or FIFO is refused unopened."""
    try:
        path = Path(source).expanduser()
        if path.is_dir() or path.is_file():
            return path
        reason = "is neither a folder nor a file" if path.exists() else "does not exist"
    except (OSError, RuntimeError) as error:  # nobody of the name in ~name
        raise InputError(f"source: {source} cannot be read: {error}") from error
    raise InputError(f"source: {path} {reason}")
