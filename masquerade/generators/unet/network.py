"""The generator G: a U-Net, Fig. 10."""

import math
from collections.abc import Callable

import keras
from keras import KerasTensor, layers

NORMALISATIONS: dict[str, Callable[[int], layers.Layer]] = {
    "none": lambda filters: layers.Identity(),
    "batch": lambda filters: layers.BatchNormalization(),
    "group": lambda filters: layers.GroupNormalization(groups=math.gcd(8, filters)),
}


def unet(
    image_shape: tuple[int, int, int], width: int = 64, depth: int = 2, normalisation: str = "none", seed: int = 0
) -> keras.Model:
    """Build G with ``depth`` halvings and ``width`` filters at the first level, doubled at every level.

    Two 3×3 convolutions per level with LeakyReLU(0.01) and He normal weights (N(0, 2/n_L), errata 11), max pooling
    down, transposed convolutions up, skips by concatenation, a 1×1 convolution and a sigmoid at the end.

    Args:
        image_shape: (h, w, c), h and w divisible by 2**depth.
        normalisation: ``none``, ``batch`` or ``group`` (of 8 channels), once per level, after its second convolution:
            on a CPU it takes as long as a convolution.

    Returns:
        Images float32 (n, h, w, c) in [0, 1] → images (n, h, w, c) in (0, 1).
    """
    seeds = iter(range(seed, seed + 100 * (depth + 1)))

    def convolve(kind: type[layers.Layer], x: KerasTensor, filters: int, size: int, **options: object) -> KerasTensor:
        initializer = keras.initializers.HeNormal(seed=next(seeds))
        return kind(filters, size, padding="same", kernel_initializer=initializer, **options)(x)

    def level(x: KerasTensor, filters: int) -> KerasTensor:
        x = layers.LeakyReLU(negative_slope=0.01)(convolve(layers.Conv2D, x, filters, 3))
        x = NORMALISATIONS[normalisation](filters)(convolve(layers.Conv2D, x, filters, 3))
        return layers.LeakyReLU(negative_slope=0.01)(x)

    images = x = layers.Input(image_shape, name="images")
    skips = []
    for step in range(depth):
        x = level(x, width * 2**step)
        skips.append(x)
        x = layers.MaxPooling2D()(x)
    x = level(x, width * 2**depth)
    for step in reversed(range(depth)):
        x = convolve(layers.Conv2DTranspose, x, width * 2**step, 2, strides=2)
        x = level(layers.Concatenate()([skips[step], x]), width * 2**step)
    x = convolve(layers.Conv2D, x, image_shape[-1], 1, activation="sigmoid")
    return keras.Model(images, x, name="generator")
