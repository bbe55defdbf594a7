"""Hamming (L1) distance, Eq. 11."""

from keras import KerasTensor, ops


def hamming(generated: KerasTensor, real: KerasTensor) -> KerasTensor:
    """Mean absolute difference of the pixels, d_H.

    Args:
        generated, real: (n, h, w, c) in [0, 1].

    Returns:
        (n,) in [0, 1].
    """
    return ops.mean(ops.abs(generated - real), axis=(1, 2, 3))
