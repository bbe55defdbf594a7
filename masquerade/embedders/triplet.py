"""The embedder trained here: the paper's network and triplet loss (Section 4.2)."""

from pathlib import Path

import keras
import numpy as np
import pandas as pd

from masquerade.data.augment import shifted
from masquerade.data.pictures import Pictures
from masquerade.embedders.dense import dense
from masquerade.embedders.triplet_loss import TripletLoss
from masquerade.params import Triplet
from masquerade.training import ON_JAX, Batches, fit


class ShiftedBatches(Batches):
    """Batches of images that are moved by up to ``shift`` pixels, anew in every epoch.

    By whole pixels and before the network: TensorFlow's projective transform takes longer than the network's step.
    """

    def __init__(self, shift: int, images: np.ndarray, labels: np.ndarray, batch_size: int, seed: int) -> None:
        self.shift = shift
        super().__init__(images, labels, batch_size, shuffle_seed=seed)

    def begin_epoch(self, epoch: int) -> None:
        super().begin_epoch(epoch)
        rng = np.random.default_rng([self.shuffle_seed or 0, epoch, 1])
        self.moves = rng.integers(-self.shift, self.shift + 1, size=(2, len(self.images)))

    def __getitem__(self, index: int) -> tuple:
        images, labels = super().__getitem__(index)
        down, right = self.moves[:, index * self.batch_size : (index + 1) * self.batch_size]
        return shifted(images, down, right, np.zeros(len(images), dtype=bool)), labels


def train(
    train: Pictures, test: Pictures, params: Triplet, seed: int, backup: Path | None = None
) -> tuple[keras.Model, pd.DataFrame]:
    """Train the network of Fig. 9 with triplets mined inside the batch.

    Returns:
        The network, images (n, h, w, c) → unit vectors (n, m), and its curves: ``loss`` and ``val_loss`` (Eq. 4
        averaged over the mined triplets), one row an epoch.

    Raises:
        InputError: the loss became NaN.
    """
    network = dense(train.images.shape[1:], params.hidden, params.dimension, seed)
    shift = round(params.shift * train.images.shape[1])
    batches = ShiftedBatches(shift, train.images, train.labels, params.batch_size, seed)
    rate = keras.optimizers.schedules.CosineDecay(params.learning_rate, params.epochs * len(batches))
    # A model around it: the loss must not be saved with the network
    trained = keras.Sequential([network], name="embedder")
    loss = TripletLoss(params.margin, params.mining, seed)
    trained.compile(keras.optimizers.Adam(rate), loss=loss, jit_compile=ON_JAX)
    curves = fit(trained, batches, Batches(test.images, test.labels, params.batch_size), params.epochs, backup)
    return network, curves
