"""What a curious person would try on a template without knowing G, one function per view.

A view takes images (n, h, w, c) float32 in [0, 1] and the mean (h, w, c) of all images of their kind, and returns
images of the same shape and range.
"""

from collections.abc import Callable
from functools import cache

import numpy as np
from scipy import ndimage

from masquerade.blas import one_thread
from masquerade.evaluation import likeness

View = Callable[[np.ndarray, np.ndarray], np.ndarray]


def plain(images: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """The image itself."""
    return images


def negative(images: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Light and dark exchanged."""
    return 1 - images


def _channel(index: int) -> View:
    def view(images: np.ndarray, mean: np.ndarray) -> np.ndarray:
        return np.repeat(images[..., index, None], images.shape[-1], axis=-1)

    view.__doc__ = f"Colour channel {index} alone, as a grey image."
    return view


def stretched(images: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Contrast stretched."""
    return _stretch(images)


def _low_pass(share: float) -> View:
    def view(images: np.ndarray, mean: np.ndarray) -> np.ndarray:
        return _stretch(_blur(images, share))

    view.__doc__ = f"Blurred with σ = {share:g} of the side, then stretched."
    return view


def high_pass(images: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """What a blur takes away, stretched."""
    return _stretch(images - _blur(images, 0.04))


def edges(images: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Magnitude of the Sobel gradient."""
    return _stretch(likeness.edges(images))


def locally_normalised(images: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Local mean subtracted, divided by the local standard deviation."""
    centred = images - _blur(images, 0.1)
    deviation = np.sqrt(np.maximum(_blur(centred**2, 0.1), 0)) + 0.02
    return np.clip(0.5 + centred / (4 * deviation), 0, 1)


def median(images: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Median of 3×3 pixels, stretched."""
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="edge")
    columns = _ordered(padded[:, :-2], padded[:, 1:-1], padded[:, 2:])
    low, middle, high = ([x[:, :, :-2], x[:, :, 1:-1], x[:, :, 2:]] for x in columns)
    # Of nine values in three ordered triples, the median is that of the highest low, the middle middle, the lowest high
    return _stretch(_ordered(_ordered(*low)[2], _ordered(*middle)[1], _ordered(*high)[0])[1])


def residual(images: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """The difference to the mean image, amplified."""
    return _stretch(images - mean)


def blurred_residual(images: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """The difference to the mean image, blurred, then amplified."""
    return _stretch(_blur(images - mean, 0.06))


def absolute_residual(images: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Where an image differs from the mean image, whatever the direction."""
    return _stretch(np.abs(images - mean))


def _blur(images: np.ndarray, share: float) -> np.ndarray:
    """Gaussian blur with σ = ``share`` of the side and the border repeated: a matrix product along either axis."""
    n, height, width, channels = images.shape
    rows, columns = (_smoothing(side, share * height) for side in (height, width))
    with one_thread():
        smooth = rows @ images.reshape(n, height, width * channels)
        return columns @ smooth.reshape(images.shape)


@cache
def _smoothing(side: int, sigma: float) -> np.ndarray:
    """The matrix (side, side) that blurs a column of pixels: column i is the blur of pixel i alone."""
    return ndimage.gaussian_filter1d(np.eye(side), sigma, axis=0, mode="nearest").astype(np.float32)


def _ordered(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The lowest, the middle and the highest of three values, pixel by pixel."""
    low, high = np.minimum(a, b), np.maximum(a, b)
    return np.minimum(low, c), np.maximum(low, np.minimum(high, c)), np.maximum(high, c)


def _stretch(images: np.ndarray) -> np.ndarray:
    """Make the darkest 2 % of each image black and the lightest 2 % white."""
    values = np.sort(images.reshape(len(images), -1), axis=1)  # ten times as fast as np.quantile for float32
    places = np.array([0.02, 0.98]) * (values.shape[1] - 1)
    below = places.astype(int)
    shares = (places - below).astype(np.float32)
    low, high = (values[:, below] * (1 - shares) + values[:, below + 1] * shares).T[..., None, None, None]
    return np.clip((images - low) / np.maximum(high - low, np.float32(1e-3)), 0, 1)


GREY_VIEWS: dict[str, View] = {
    "plain": plain,
    "negative": negative,
    "stretched": stretched,
    "low-pass 0.03": _low_pass(0.03),
    "low-pass 0.06": _low_pass(0.06),
    "low-pass 0.12": _low_pass(0.12),
    "high-pass": high_pass,
    "edges": edges,
    "locally normalised": locally_normalised,
    "median": median,
    "residual": residual,
    "blurred residual": blurred_residual,
    "absolute residual": absolute_residual,
}
COLOUR_VIEWS: dict[str, View] = {"red": _channel(0), "green": _channel(1), "blue": _channel(2)}


def views(channels: int) -> dict[str, View]:
    """Return the views for images with this number of channels, by their names in the reports."""
    return GREY_VIEWS | (COLOUR_VIEWS if channels == 3 else {})
