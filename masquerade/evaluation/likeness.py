"""Similarity of two images: correlation of their pixels and of their edges, SSIM."""

import numpy as np

from masquerade.blas import one_thread
from masquerade.images import to_float


def edges(images: np.ndarray) -> np.ndarray:
    """Magnitude of the Sobel gradient (Eq. 15 and 16, with the root) of images (n, h, w, c)."""
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="edge")
    down, right = padded[:, 2:] - padded[:, :-2], padded[:, :, 2:] - padded[:, :, :-2]
    down = down[:, :, :-2] + 2 * down[:, :, 1:-1] + down[:, :, 2:]
    right = right[:, :-2] + 2 * right[:, 1:-1] + right[:, 2:]
    return np.hypot(down, right)


def correlations(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Pearson correlation of each image pair; 0 where one is flat."""
    a, b = (array.reshape(len(array), -1).astype(np.float64) for array in (a, b))
    a, b = a - a.mean(axis=1, keepdims=True), b - b.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return np.divide((a * b).sum(axis=1), norms, out=np.zeros(len(a)), where=norms > 1e-6)


def unit(vectors: np.ndarray) -> np.ndarray:
    """Divide vectors by their norm; a vector of zeros stays."""
    return (vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)).astype(np.float32)


def pixel_vectors(images: np.ndarray, residual: bool = False) -> np.ndarray:
    """Return unit vectors (n, h·w·c) of uint8 images (n, h, w, c), whose scalar product is their correlation.

    Args:
        residual: take away the mean of all images first.
    """
    pixels = to_float(images).reshape(len(images), -1)
    if residual:
        pixels = pixels - pixels.mean(axis=0)
    return unit(pixels - pixels.mean(axis=1, keepdims=True))


def structural_similarities(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """SSIM (Wang et al., 2004) of each pair of images (n, h, w, c) in [0, 1], in windows of 7 pixels.

    Equal to skimage.metrics.structural_similarity for each pair: unbiased variances, only windows inside the image,
    the mean over channels.
    """
    # Channels become images: a sum over windows is then a matrix product along either axis
    a, b = (np.moveaxis(array, 3, 1).astype(np.float32) for array in (a, b))
    # Row i of each matrix has ones in columns i to i + 6
    down, right = (
        np.tri(side - 6, side, 6, np.float32) - np.tri(side - 6, side, -1, np.float32) for side in a.shape[2:]
    )

    def window_means(images: np.ndarray) -> np.ndarray:
        return down @ images @ right.T / 49

    with one_thread():
        mean_a, mean_b, squares, product = map(window_means, (a, b, a * a + b * b, a * b))
    unbiased = 49 / 48
    variances = unbiased * (squares - mean_a**2 - mean_b**2)
    covariance = unbiased * (product - mean_a * mean_b)
    c1, c2 = 0.01**2, 0.03**2
    similarity = (2 * mean_a * mean_b + c1) * (2 * covariance + c2)
    similarity /= (mean_a**2 + mean_b**2 + c1) * (variances + c2)
    return similarity.mean(axis=(1, 2, 3))
