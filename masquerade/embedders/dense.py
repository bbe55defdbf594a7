"""The paper's MNIST embedding network, Fig. 9."""

import keras
from keras import layers


def dense(image_shape: tuple[int, int, int], hidden: int = 2048, dimension: int = 10, seed: int = 0) -> keras.Model:
    """Flatten → Dense(2048), LeakyReLU(0.01) → Dense(10) → L2 normalisation, He normal weights.

    Args:
        image_shape: (h, w, c).

    Returns:
        Images float32 (n, h, w, c) in [0, 1] → unit vectors (n, dimension).
    """
    weights = [keras.initializers.HeNormal(seed=seed + layer) for layer in range(2)]
    return keras.Sequential(
        [
            layers.Input(image_shape),
            layers.Flatten(),
            layers.Dense(hidden, kernel_initializer=weights[0]),
            layers.LeakyReLU(negative_slope=0.01),
            layers.Dense(dimension, kernel_initializer=weights[1]),
            layers.UnitNormalization(),
        ],
        name="dense_embedder",
    )
