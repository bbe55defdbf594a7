"""Whether MTCNN sees a face."""

from collections.abc import Callable

import numpy as np
from PIL import Image

from masquerade.data.mtcnn import load_mtcnn
from masquerade.images import to_uint8

SIDE = 80
"""Side in pixels of the images that MTCNN sees. It finds faces of 20 pixels or more, here a quarter of the side. Its
``min_face_size`` does not change that: with another value its last scale is too small and it finds none."""


TOGETHER = 40
"""Images per batch: MTCNN enlarges every candidate it finds, and in noise it finds thousands."""


def face_detector() -> Callable[[np.ndarray], np.ndarray]:
    """Load MTCNN.

    Returns:
        A function from images (n, h, w, c), float32 in [0, 1], to whether each has a face, bool (n,).

    Raises:
        InputError: the backend of Keras is not TensorFlow, the only one that mtcnn supports.
    """
    network = load_mtcnn("set judge.detector to null")

    def detect(images: np.ndarray) -> np.ndarray:
        shown = [_photograph(image) for image in images]
        parts = [shown[start : start + TOGETHER] for start in range(0, len(shown), TOGETHER)]
        return np.array([len(faces) > 0 for part in parts for faces in network.detect_faces(part)])

    return detect


def _photograph(image: np.ndarray) -> np.ndarray:
    pixels = to_uint8(np.repeat(image, 3 // image.shape[-1], axis=-1))
    return np.asarray(Image.fromarray(pixels).resize((SIDE, SIDE), Image.Resampling.BICUBIC))
