"""Any folder or tar archive of pictures laid out as class/picture.png."""

from collections.abc import Set
from pathlib import Path, PurePosixPath

from masquerade.data.decode import Crop, decode_all
from masquerade.data.pictures import Pictures, with_names
from masquerade.data.tree import SUFFIXES, read_tree
from masquerade.errors import InputError


def read(source: Path | None, size: int, crop: Crop | None = None, suffixes: Set[str] = SUFFIXES) -> Pictures:
    """Read a tree of pictures, each class a subject, resized to ``size`` pixels a side.

    Raises:
        InputError: no source was given, it holds no picture, or a picture or the archive is corrupt.
    """
    if source is None:
        raise InputError("dataset folder needs the parameter source: a folder or archive of class/picture.png")
    paths, images = decode_all(read_tree(source, suffixes), size, crop)
    if not paths:
        raise InputError(f"{source}: holds no picture laid out as class/picture.png")
    parts = [PurePosixPath(path) for path in paths]
    return with_names(images, [path.parent.name for path in parts], files=[path.stem for path in parts])
