"""Altered copies of training images."""

import numpy as np


def augmented(images: np.ndarray, copies: int, shift: int, mirror: bool, seed: int) -> np.ndarray:
    """Return the images and ``copies`` altered ones of each, uint8 ((1 + copies)·n, h, w, c).

    They are made once, not on the fly, so that F(X) of each is computed only once.

    Args:
        images: uint8 (n, h, w, c).
        shift: largest movement of a copy along each axis, in pixels; the border is repeated.
        mirror: half of the copies are mirrored left to right.
    """
    rng = np.random.default_rng(seed)
    n = len(images)
    parts = [images]
    for _ in range(copies):
        down, right = rng.integers(-shift, shift + 1, size=(2, n))
        parts.append(shifted(images, down, right, (rng.random(n) < 0.5) & mirror))
    return np.concatenate(parts)


def shifted(images: np.ndarray, down: np.ndarray, right: np.ndarray, mirrored: np.ndarray) -> np.ndarray:
    """Move each image (n, h, w, c) by whole pixels and mirror some; the border is repeated.

    Args:
        down, right: int (n,), pixels.
        mirrored: bool (n,).
    """
    n, height, width, _ = images.shape
    rows = (np.arange(height) - down[:, None]).clip(0, height - 1)
    columns = (np.arange(width) - right[:, None]).clip(0, width - 1)
    columns[mirrored] = columns[mirrored, ::-1]
    return images[np.arange(n)[:, None, None], rows[:, :, None], columns[:, None, :]]
