"""The judge trained here: a convolutional classifier of real pictures, in every view, that never saw G or F."""

from pathlib import Path

import keras
import numpy as np
import pandas as pd
from keras import layers

from masquerade.data.augment import augmented
from masquerade.data.pictures import Pictures
from masquerade.errors import InputError
from masquerade.params import Judge
from masquerade.recognisability.views import views
from masquerade.training import Batches, fit


class ViewedBatches(Batches):
    """Batches of pictures, each in a view drawn from its seed, epoch and place, so that a resumed training repeats."""

    def __init__(self, images: np.ndarray, targets: np.ndarray, batch_size: int, seed: int) -> None:
        self.views = list(views(images.shape[-1]).values())
        self.mean = images.mean(axis=0, dtype=np.float64).astype(np.float32) / np.float32(255)
        super().__init__(images, targets, batch_size, shuffle_seed=seed)

    def begin_epoch(self, epoch: int) -> None:
        super().begin_epoch(epoch)
        self.drawn = np.random.default_rng([self.shuffle_seed or 0, epoch, 1]).integers(
            len(self.views), size=len(self.images)
        )

    def __getitem__(self, index: int) -> tuple:
        images, targets = super().__getitem__(index)
        drawn = self.drawn[index * self.batch_size : (index + 1) * self.batch_size]
        viewed = np.empty_like(images)
        for number in np.unique(drawn):
            viewed[drawn == number] = self.views[number](images[drawn == number], self.mean)
        return viewed, targets


def classifier(image_shape: tuple[int, int, int], classes: int, width: int, seed: int) -> keras.Model:
    """Build the network, pictures (n, h, w, c) → probabilities (n, classes); its layer ``features`` is (n, 128).

    3×3 convolutions, the first with ``width`` filters, halve the picture until its side is at most 7.
    """
    initializers = (keras.initializers.HeNormal(seed=number) for number in range(seed, seed + 100))
    images = x = layers.Input(image_shape, name="images")
    side, filters, strides = image_shape[0], width, 1
    while True:
        x = layers.Conv2D(filters, 3, strides, padding="same", kernel_initializer=next(initializers))(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
        if side <= 7:
            break
        side, filters, strides = -(-side // 2), min(2 * filters, 4 * width), 2
    x = layers.Dropout(0.3, seed=seed)(layers.Flatten()(x))
    x = layers.Dense(128, kernel_initializer=next(initializers), activation="relu", name="features")(x)
    x = layers.Dropout(0.3, seed=seed)(x)
    x = layers.Dense(classes, kernel_initializer=next(initializers), activation="softmax")(x)
    return keras.Model(images, x, name="judge")


def train_judge(
    train: Pictures, params: Judge, seed: int, backup: Path | None = None
) -> tuple[keras.Model, pd.DataFrame]:
    """Train the judge on the real training pictures and moved copies of them.

    Returns:
        The network without its last layer, pictures float32 (n, h, w, c) in [0, 1] → features (n, 128), and its
        curves ``loss`` and ``accuracy``, one row an epoch.

    Raises:
        InputError: the loss became NaN, or fewer than two classes have enough pictures.
    """
    sizes = np.bincount(train.labels)
    train = train.take(sizes[train.labels] >= params.least_pictures)
    classes, labels = np.unique(train.labels, return_inverse=True)
    if len(classes) < 2:
        raise InputError(f"judge.least_pictures: fewer than two classes have {params.least_pictures} training pictures")
    images = augmented(train.images, params.copies, params.shift, params.mirror, seed)
    batches = ViewedBatches(images, np.tile(labels, 1 + params.copies), params.batch_size, seed)
    network = classifier(train.images.shape[1:], len(classes), params.width, seed)
    rate = keras.optimizers.schedules.CosineDecay(params.learning_rate, params.epochs * len(batches))
    network.compile(keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    curves = fit(network, batches, None, params.epochs, backup)
    return keras.Model(network.input, network.get_layer("features").output, name="judge"), curves
