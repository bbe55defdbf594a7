"""How alike two pictures are, whatever they show: the correlation of their pixels and of their edges."""

import numpy as np
from scipy import ndimage


def edges(images: np.ndarray) -> np.ndarray:
    """Magnitude of the Sobel gradient (Eq. 15 and 16, with the root) of pictures (n, h, w, c)."""
    slopes = []
    for along, across in ((1, 2), (2, 1)):  # ndimage.sobel would smooth over the other pictures and channels, too
        smooth = ndimage.correlate1d(images, [1, 2, 1], across, mode="nearest")
        slopes.append(ndimage.correlate1d(smooth, [-1, 0, 1], along, mode="nearest"))
    return np.hypot(*slopes)


def correlations(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Pearson correlation of each picture pair; 0 where one is flat."""
    a, b = (array.reshape(len(array), -1).astype(np.float64) for array in (a, b))
    a, b = a - a.mean(axis=1, keepdims=True), b - b.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return np.divide((a * b).sum(axis=1), norms, out=np.zeros(len(a)), where=norms > 1e-6)
