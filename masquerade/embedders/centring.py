"""Centring of embeddings (errata 14)."""

import keras
import numpy as np
from keras import layers


def centre(network: keras.Model, mean: np.ndarray) -> keras.Model:
    """Subtract the mean training embedding and normalise, so that α means the same for every embedder.

    Otherwise the vectors of some networks crowd into a cone, where the mean embedding is within α of everybody.

    Args:
        network: images → (n, m).
        mean: (m,), the mean of ``network`` over the training images.

    Returns:
        F: images → unit vectors (n, m), frozen.
    """
    images = layers.Input(network.input_shape[1:], name="images")
    centred = layers.Rescaling(1.0, offset=[-float(value) for value in mean], name="centre")(network(images))
    embedder = keras.Model(images, layers.UnitNormalization(name="embedding")(centred), name="embedder")
    embedder.trainable = False
    return embedder
