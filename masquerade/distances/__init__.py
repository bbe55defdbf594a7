"""Image distances d_img of Section 3.2 by name; the same function is loss and report."""

from collections.abc import Callable

from keras import KerasTensor

from masquerade.distances.combined import combined
from masquerade.distances.dssim import dssim
from masquerade.distances.euclidean import euclidean
from masquerade.distances.hamming import hamming
from masquerade.distances.mse import mse
from masquerade.distances.sobel import sobel

ImageDistance = Callable[[KerasTensor, KerasTensor], KerasTensor]

DISTANCES: dict[str, ImageDistance] = {
    "hamming": hamming,
    "euclidean": euclidean,
    "mse": mse,
    "dssim": dssim,
    "sobel": sobel,
    "combined": combined,
}


def distance(name: str, beta: float) -> ImageDistance:
    """Return a distance by name, with ``beta`` bound where it has one (Eq. 18)."""
    if name == "combined":
        return lambda generated, real: combined(generated, real, beta)
    return DISTANCES[name]
