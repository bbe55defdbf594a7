"""Labeled Faces in the Wild: 13,233 images of 5,749 people."""

from pathlib import Path

from masquerade.data import folder
from masquerade.data.decode import MEGAPIXELS
from masquerade.data.image_set import ImageSet
from masquerade.errors import InputError

CROP = (81, 201, 65, 185)
"""A square of side 120, centred 16 pixels below the middle of the 250×250 image: the face without background."""


def read(source: Path | None, size: int, max_megapixels: float = MEGAPIXELS) -> ImageSet:
    """Read the faces from a folder or .tgz of (deep-)funneled images, or from scikit-learn's download."""
    return folder.read(source or _download(), size, CROP, max_megapixels)


def _download() -> Path:
    from sklearn.datasets import fetch_lfw_people, get_data_home

    try:
        # Asking for the one person with more than 500 images still unpacks all files, checked by scikit-learn's sha256,
        # but does not turn 13,233 images into one float array.
        fetch_lfw_people(min_faces_per_person=500, funneled=True)
    except OSError as error:
        raise InputError(
            f"LFW cannot be downloaded ({error}); set source to a folder or .tgz of LFW, or dataset=orl"
        ) from error
    return Path(get_data_home()) / "lfw_home" / "lfw_funneled"
