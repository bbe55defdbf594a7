"""The face in a photograph, found by MTCNN, and a crop around it as the embedders know faces."""

import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageOps

from masquerade.data.decode import MEGAPIXELS, Crop, decode
from masquerade.data.mtcnn import load_mtcnn
from masquerade.errors import InputError

SIDE, BELOW = 1.0, 0.05
"""Side of the crop, and how far its middle lies below the one between eyes and mouth, in heights of MTCNN's box.

Medians and deviations for the crops that the readers of LFW and ORL have: 0.97 ± 0.07 and 0.05 ± 0.01 on 140 images of
LFW, 1.02 ± 0.09 and 0.02 ± 0.04 on 120 of ORL; sideways 0.00 ± 0.01 and 0.01 ± 0.06. The middle of the box itself is
farther from LFW's crop, sideways by 0.06: half of the images then moved F(X) by 0.16 and more, not by 0.08 (d_F).
"""

SHOWN = 400
"""Longest side in pixels of what MTCNN sees. It finds faces from 20 pixels on, a twentieth of that."""

CONFIDENCE = 0.9
"""Least that MTCNN must give, from 0.8 on; the least that it gave the 260 people measured above was 0.95."""

PASSER_BY = 0.5
"""A face of less than this share of the largest one's height does not count."""


class Shown(NamedTuple):
    """A photograph that was made small.

    Attributes:
        pixels: uint8 (h, w, 3), turned as its EXIF says.
        scale: how many of the photograph's pixels one of these is wide.
    """

    pixels: np.ndarray
    scale: float


def face_crop(name: str, data: bytes, otherwise: str, max_megapixels: float = MEGAPIXELS) -> Crop:
    """Find the face in a photograph.

    Args:
        name: of the photograph, in errors.
        otherwise: what people can do where MTCNN finds none, in errors.

    Returns:
        A square, in pixels of the turned photograph; it may reach beyond its edges.

    Raises:
        InputError: the file is damaged or too large, or it does not show one face.
    """
    shown = _shown(name, data, max_megapixels)
    found = load_mtcnn(otherwise).detect_faces(shown.pixels, fit_to_image=False)
    certain = [face for face in found if face["confidence"] >= CONFIDENCE]
    tallest = max(map(_height, certain), default=0)
    faces = [face for face in certain if _height(face) >= PASSER_BY * tallest]
    if len(faces) != 1:
        decode(name, data, 1, None, max_megapixels)  # of a damaged file it says so, not that it has no face
    if not faces:
        raise InputError(f"{name}: no face was found; {otherwise}")
    if len(faces) > 1:
        raise InputError(f"{name}: shows {len(faces)} faces; cut out the one that is meant")
    (face,) = faces
    eyes_and_mouth = [face["keypoints"][part] for part in ("left_eye", "right_eye", "mouth_left", "mouth_right")]
    column, row = np.mean(eyes_and_mouth, axis=0)
    side = max(1, round(shown.scale * SIDE * _height(face)))
    top = round(shown.scale * (row + BELOW * _height(face)) - side / 2)
    left = round(shown.scale * column - side / 2)
    return top, top + side, left, left + side


def faces_alone(
    files: Iterable[tuple[str, bytes]], otherwise: str, max_megapixels: float = MEGAPIXELS
) -> Iterator[tuple[str, bytes]]:
    """Turn (path, photograph) into (path, .bmp file of its face), see :func:`face_crop`."""
    for path, data in files:
        crop = face_crop(path, data, otherwise, max_megapixels)
        face = decode(path, data, crop[1] - crop[0], crop, max_megapixels)
        buffer = io.BytesIO()
        Image.fromarray(face.squeeze(-1) if face.shape[-1] == 1 else face).save(buffer, "BMP")
        yield path, buffer.getvalue()


def _height(face: Mapping[str, Any]) -> float:
    return face["box"][3]


def _shown(name: str, data: bytes, max_megapixels: float) -> Shown:
    try:
        with Image.open(io.BytesIO(data)) as file:
            longest = max(file.size)
            if file.width * file.height > 1e6 * max_megapixels:
                raise ValueError("too large")
            file.draft("RGB", (SHOWN, SHOWN))  # a large .jpg is decoded at a fraction of its size
            image = ImageOps.exif_transpose(file).convert("RGB")
    except Exception as error:
        decode(name, data, 1, None, max_megapixels)  # says what is wrong with it
        raise InputError(f"{name}: is not a readable image: {error}") from error
    image.thumbnail((SHOWN, SHOWN))
    return Shown(np.asarray(image), longest / max(image.size))
