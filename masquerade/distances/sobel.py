"""Sobel distance, Eq. 15–17."""

import numpy as np
from keras import KerasTensor, ops

from masquerade.distances.hamming import hamming

KERNEL_X = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], dtype="float32")
KERNEL_Y = np.array([[1, 2, 1], [0, 0, 0], [-1, -2, -1]], dtype="float32")
"""Eq. 15."""


def edge_mask(images: KerasTensor) -> KerasTensor:
    """Squared gradient magnitude, S(X) of Eq. 16, of each channel.

    The border is repeated, so the boundary of the image does not count as an edge.

    Args:
        images: (n, h, w, c) in [0, 1].

    Returns:
        (n, h, w, c) in [0, 20]: each gradient reaches 4, both together (2, 4).
    """
    padded = ops.pad(images, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="symmetric")
    kernels = np.stack([KERNEL_X, KERNEL_Y], axis=-1)[:, :, None, :]
    gradients = ops.depthwise_conv(padded, np.tile(kernels, (1, 1, images.shape[-1], 1)), padding="valid")
    gradients = ops.reshape(gradients, (-1, *images.shape[1:], 2))
    return ops.sum(ops.square(gradients), axis=-1)


def sobel(generated: KerasTensor, real: KerasTensor) -> KerasTensor:
    """Hamming distance of the two images where the real one has edges, d_sobel of Eq. 17.

    Args:
        generated, real: (n, h, w, c) in [0, 1].

    Returns:
        (n,), at least 0; the mask may exceed 1.
    """
    mask = edge_mask(real)
    return hamming(mask * generated, mask * real)
