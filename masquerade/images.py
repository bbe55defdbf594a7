"""The two forms of an image: uint8 where it is stored, float32 in [0, 1] where a network sees it."""

import numpy as np


def to_float(images: np.ndarray) -> np.ndarray:
    """Return uint8 images as float32 in [0, 1]."""
    return images / np.float32(255)


def to_uint8(images: np.ndarray) -> np.ndarray:
    """Return images in [0, 1] rounded to 8 bits."""
    return np.round(images * 255).astype(np.uint8)
