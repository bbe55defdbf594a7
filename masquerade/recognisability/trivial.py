"""Well-known distortions, to compare the templates with."""

from collections.abc import Callable

import numpy as np
from scipy import ndimage

Distortion = Callable[[np.ndarray, np.random.Generator], np.ndarray]
"""Images (n, h, w, c) float32 in [0, 1] → images of the same shape and range."""


def negative(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Light and dark exchanged."""
    return 1 - images


def blur(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Gaussian blur, σ a tenth of the side."""
    sigma = images.shape[1] / 10
    return ndimage.gaussian_filter(images, (0, sigma, sigma, 0), mode="nearest")


def pixelation(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Mean colour of blocks, about seven along a side."""
    n, height, width, channels = images.shape
    rows, columns = (np.arange(side) * 7 // side for side in (height, width))
    blocks = np.zeros((n, 7, 7, channels), np.float32)
    for row in range(7):
        for column in range(7):
            chosen = images[:, rows == row][:, :, columns == column]
            blocks[:, row, column] = chosen.mean(axis=(1, 2))
    return blocks[:, rows][:, :, columns]


def shuffle(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """All pixels in another order, the same for every image."""
    n, height, width, channels = images.shape
    pixels = images.reshape(n, height * width, channels)
    return pixels[:, rng.permutation(height * width)].reshape(images.shape)


def noise(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Gaussian noise of standard deviation 0.5, added and clipped."""
    return np.clip(images + 0.5 * rng.standard_normal(images.shape, dtype=np.float32), 0, 1)


def mean(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The mean image in place of every image: nothing to recognise, nobody to verify."""
    return np.broadcast_to(images.mean(axis=0), images.shape)


def random_squares(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Random grey levels or colours, about 24 squares along a side, that have nothing to do with the image.

    Their result is the chance level: the best of many views and judges is better than a single guess.
    """
    n, height, width, channels = images.shape
    squares = rng.random((n, 24, 24, channels), dtype=np.float32)
    rows, columns = (np.arange(side) * 24 // side for side in (height, width))
    return squares[:, rows][:, :, columns]


TRIVIAL: dict[str, Distortion] = {
    "negative": negative,
    "blur": blur,
    "pixelation": pixelation,
    "pixel shuffle": shuffle,
    "noise": noise,
    "mean image": mean,
    "random squares": random_squares,
}
"""Distortions by their names in the reports."""
