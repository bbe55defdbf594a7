"""Combined distance, Eq. 18."""

from keras import KerasTensor

from masquerade.distances.hamming import hamming
from masquerade.distances.sobel import sobel


def combined(generated: KerasTensor, real: KerasTensor, beta: float = 0.5) -> KerasTensor:
    """β·d_H + (1 − β)·d_sobel.

    Args:
        generated, real: (n, h, w, c) in [0, 1].
        beta: weight of the Hamming distance, 0…1.

    Returns:
        (n,), at least 0.
    """
    return beta * hamming(generated, real) + (1 - beta) * sobel(generated, real)
