"""The embedder trained here: the paper's network and triplet loss (Section 4.2)."""

from pathlib import Path

import keras
import pandas as pd
from keras import layers

from masquerade.data.image_set import ImageSet
from masquerade.embedders.dense import dense
from masquerade.embedders.triplet_loss import TripletLoss
from masquerade.params import Triplet
from masquerade.training import ON_JAX, Batches, Watch, fit


def train(
    train: ImageSet,
    test: ImageSet,
    params: Triplet,
    seed: int,
    backup: Path | None = None,
    watch: Watch | None = None,
) -> tuple[keras.Model, pd.DataFrame]:
    """Train the network of Fig. 9 with triplets mined inside the batch.

    ``backup`` and ``watch`` are as in :func:`masquerade.training.fit`.

    Returns:
        The network, images (n, h, w, c) → unit vectors (n, m), and its curves: ``loss`` and ``val_loss`` (Eq. 4
        averaged over the mined triplets), one row per epoch.

    Raises:
        InputError: the loss became NaN.
    """
    network = dense(train.images.shape[1:], params.hidden, params.dimension, seed)
    # Only training sees shifted images; the returned network lacks this layer.
    shift = layers.RandomTranslation(params.shift, params.shift, fill_mode="constant", seed=seed)
    shift.supports_jit = ON_JAX  # Keras sets it to False, but only because of TensorFlow
    trained = keras.Sequential([layers.Input(network.input_shape[1:]), shift, network], name="embedder")
    loss = TripletLoss(params.margin, params.mining, seed)
    trained.compile(keras.optimizers.Adam(params.learning_rate), loss=loss, jit_compile=ON_JAX)
    curves = fit(
        trained,
        Batches(train.images, train.labels, params.batch_size, shuffle_seed=seed),
        Batches(test.images, test.labels, params.batch_size),
        params.epochs,
        backup,
        watch=watch,
    )
    return network, curves
