"""Structural dissimilarity, Eq. 13 and 14."""

import numpy as np
from keras import KerasTensor, ops

WINDOW = 11
SIGMA = 1.5
KAPPA_1 = 0.01**2
KAPPA_2 = 0.03**2


def dssim(generated: KerasTensor, real: KerasTensor) -> KerasTensor:
    """(1 − SSIM) / 2, SSIM averaged over all whole windows and channels.

    Windows, weights and constants are those of Wang et al. (2004): 11×11, Gaussian with σ 1.5, κ₁ = 0.01², κ₂ =
    0.03² for pixels in [0, 1]; the paper does not give them.

    Args:
        generated, real: (n, h, w, c) in [0, 1], h and w at least 11.

    Returns:
        (n,) in [0, 1].
    """
    mean_x, mean_y = _blur(generated), _blur(real)
    variance_x = _blur(ops.square(generated)) - ops.square(mean_x)
    variance_y = _blur(ops.square(real)) - ops.square(mean_y)
    covariance = _blur(generated * real) - mean_x * mean_y
    ssim = ((2 * mean_x * mean_y + KAPPA_1) * (2 * covariance + KAPPA_2)) / (
        (ops.square(mean_x) + ops.square(mean_y) + KAPPA_1) * (variance_x + variance_y + KAPPA_2)
    )
    return (1 - ops.mean(ssim, axis=(1, 2, 3))) / 2


def _blur(images: KerasTensor) -> KerasTensor:
    weights = np.exp(-((np.arange(WINDOW) - WINDOW // 2) ** 2) / (2 * SIGMA**2))
    weights /= weights.sum()
    channels = images.shape[-1]
    for shape in ((WINDOW, 1, 1, 1), (1, WINDOW, 1, 1)):  # the Gaussian is separable
        kernel = np.tile(weights.reshape(shape), (1, 1, channels, 1)).astype("float32")
        images = ops.depthwise_conv(images, kernel, padding="valid")
    return images
