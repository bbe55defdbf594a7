"""Euclidean distance as the paper prints it, Eq. 12."""

from math import prod

from keras import KerasTensor, ops


def euclidean(generated: KerasTensor, real: KerasTensor) -> KerasTensor:
    """Frobenius norm of the difference divided by the number of pixels, d_E.

    The division is outside the root, so d_E cannot exceed 1/√n_p; the paper's Table 3 shows mean squared errors
    (errata 1).

    Args:
        generated, real: (n, h, w, c) in [0, 1].

    Returns:
        (n,) in [0, 1/√(h·w·c)].
    """
    pixels = prod(generated.shape[1:])
    squares = ops.sum(ops.square(generated - real), axis=(1, 2, 3))
    # The root's slope at 0 is infinite; equal images must give a gradient of 0, not NaN.
    return ops.where(squares > 0, ops.sqrt(ops.where(squares > 0, squares, 1.0)), 0.0) / pixels
