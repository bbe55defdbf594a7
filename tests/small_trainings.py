"""Small trainings, and ways to kill one."""

import keras
import numpy as np
import pandas as pd
from keras import layers

from masquerade.embedders.triplet_loss import TripletLoss
from masquerade.training import Batches, fit

IMAGES = np.random.default_rng(0).integers(0, 256, (20, 8, 8, 1), dtype=np.uint8)


class KilledError(Exception):
    """What a kill looks like from inside the training."""


class Kill(keras.callbacks.Callback):
    """Raise after the second of four epochs is saved: between epochs, inside the third, or at the end of the third
    before its state is saved."""

    def __init__(self, moment: str) -> None:
        super().__init__()
        self.moment = moment
        self.epoch = 0

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
        self.epoch = epoch
        if self.moment == "between epochs" and epoch == 2:
            raise KilledError

    def on_train_batch_end(self, batch: int, logs: object = None) -> None:
        if self.moment == "inside an epoch" and (self.epoch, batch) == (2, 1):
            raise KilledError

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        if self.moment == "before saving" and epoch == 2:
            raise KilledError


def plain_network() -> keras.Model:
    network = keras.Sequential(
        [layers.Input((8, 8, 1)), layers.Flatten(), layers.Dense(4, kernel_initializer=keras.initializers.HeNormal(1))]
    )
    network.compile(keras.optimizers.Adam(1e-2), loss="mse")
    return network


def batches(network: keras.Model) -> tuple[Batches, Batches]:
    triplets = isinstance(network.loss, TripletLoss)
    targets = np.arange(20) % 3 if triplets else IMAGES.reshape(20, 64)[:, :4]
    return Batches(IMAGES, targets, 5, shuffle_seed=7), Batches(IMAGES[:7], targets[:7], 5)


Trained = tuple[pd.DataFrame, list[np.ndarray]]
"""Curves and weights."""


def trained(network: keras.Model) -> Trained:
    return fit(network, *batches(network), epochs=4), network.get_weights()
