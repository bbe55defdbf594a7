"""Mean squared error: what Table 3 and the paper's MNIST loss really are (errata 1)."""

from keras import KerasTensor, ops


def mse(generated: KerasTensor, real: KerasTensor) -> KerasTensor:
    """Mean squared difference of the pixels.

    Args:
        generated, real: (n, h, w, c) in [0, 1].

    Returns:
        (n,) in [0, 1].
    """
    return ops.mean(ops.square(generated - real), axis=(1, 2, 3))
