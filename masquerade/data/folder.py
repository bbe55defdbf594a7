"""Any folder or tar archive of images laid out as class/image.png."""

from collections.abc import Iterable, Set
from pathlib import Path, PurePosixPath
from typing import Literal

import click

from masquerade.data.archive import members
from masquerade.data.decode import MEGAPIXELS, Crop, decode_all
from masquerade.data.image_set import ImageSet, with_names
from masquerade.data.tree import SUFFIXES, Tree
from masquerade.data.walk import walk
from masquerade.errors import InputError


def read(
    source: Path | None,
    size: int,
    crop: Crop | Literal["face"] | None = None,
    max_megapixels: float = MEGAPIXELS,
    suffixes: Set[str] = SUFFIXES,
) -> ImageSet:
    """Read a tree of images, resized to ``size`` × ``size`` pixels; each class is a subject.

    Args:
        crop: as :func:`decode` takes it; or ``face``: around the face of each image, see :mod:`masquerade.data.face`.

    Prints one line with what was skipped and why, and one with the classes that come from several folders.

    Raises:
        InputError: no source was given, it holds no image, or an image or the archive cannot be read.
    """
    if source is None:
        raise InputError("dataset folder needs the parameter source: a folder or archive of class/image.png")
    tree = Tree(source, walk(source) if source.is_dir() else members(source), suffixes, max_megapixels)
    if crop == "face":
        from masquerade.data.face import faces_alone

        advice = "crop the images to the face, or leave out those without"
        paths, images = decode_all(faces_alone(tree, advice, max_megapixels), size)
    else:
        paths, images = decode_all(tree, size, crop, max_megapixels)
    skipped = ", ".join(f"{count} {reason}" for reason, count in tree.skipped.most_common())
    if not paths:
        raise InputError(
            f"{source}: holds no image laid out as class/image.png" + (f"; skipped: {skipped}" if skipped else "")
        )
    if skipped:
        click.echo(f"skipped: {skipped}")
    parts = [PurePosixPath(path) for path in paths]
    merged = _merged({path.parent for path in parts})
    if merged:
        click.echo(f"merged into one class each: {'; '.join(merged)}")
    return with_names(images, [path.parent.name for path in parts], files=[path.stem for path in parts])


def _merged(folders: Iterable[PurePosixPath]) -> list[str]:
    """List folders of the same name, such as ``a/x, b/x``, which become one class."""
    named: dict[str, list[str]] = {}
    for folder in sorted(folders):
        named.setdefault(folder.name, []).append(str(folder))
    return [", ".join(same) for same in named.values() if len(same) > 1]
