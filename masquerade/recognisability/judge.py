"""The judge trained here: a convolutional classifier of real pictures, in every view, that never saw G or F."""

from pathlib import Path

import keras
import numpy as np
import pandas as pd
from keras import KerasTensor, layers

from masquerade.data.pictures import Pictures
from masquerade.errors import InputError
from masquerade.params import Judge
from masquerade.recognisability.views import views
from masquerade.training import Batches, fit

SCALE = 16.0
"""Factor on the cosines before the softmax: with 1 no probability could come near 1."""


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


def feature_network(image_shape: tuple[int, int, int], width: int, seed: int) -> keras.Model:
    """Build the judge, pictures (n, h, w, c) → unit vectors (n, 128).

    Pairs of 3×3 convolutions, the first with ``width`` filters, and pooling halve the picture until its side is at most
    7.
    """
    initializers = (keras.initializers.HeNormal(seed=number) for number in range(seed, seed + 100))

    def convolve(x: KerasTensor, filters: int) -> KerasTensor:
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False, kernel_initializer=next(initializers))(x)
        return layers.ReLU()(layers.BatchNormalization()(x))

    images = layers.Input(image_shape, name="images")
    side, filters = image_shape[0], width
    x = convolve(convolve(images, filters), filters)
    while side > 7:
        side, filters = -(-side // 2), min(2 * filters, 4 * width)
        x = layers.MaxPooling2D(padding="same")(x)
        x = convolve(convolve(x, filters), filters)
    x = layers.Dropout(0.2, seed=seed)(layers.Flatten()(x))
    x = layers.Dense(128, use_bias=False, kernel_initializer=next(initializers))(x)
    return keras.Model(images, layers.UnitNormalization()(layers.BatchNormalization()(x)), name="judge")


def classifier(features: keras.Model, classes: int, params: Judge, seed: int) -> keras.Model:
    """Build what trains the judge, pictures (n, h, w, c) → probabilities (n, classes).

    In training, pictures are moved, turned, zoomed and mirrored at random. The softmax is taken of the cosines between
    features and a unit vector of each class, times :data:`SCALE` (NormFace, Wang et al., 2017): the judge learns what
    it is used for, to be near the mean of its class.
    """
    images = layers.Input(features.input_shape[1:], name="images")
    x = layers.RandomTranslation(params.shift, params.shift, fill_mode="nearest", seed=seed)(images)
    x = layers.RandomRotation(params.turn, fill_mode="nearest", seed=seed)(x)
    x = layers.RandomZoom(params.zoom, fill_mode="nearest", seed=seed)(x)
    if params.mirror:
        x = layers.RandomFlip("horizontal", seed=seed)(x)
    initializer, unit_norm = keras.initializers.HeNormal(seed=seed), keras.constraints.UnitNorm()
    cosines = layers.Dense(classes, use_bias=False, kernel_initializer=initializer, kernel_constraint=unit_norm)
    return keras.Model(images, layers.Softmax()(layers.Rescaling(SCALE)(cosines(features(x)))), name="classifier")


def train_judge(
    train: Pictures, params: Judge, seed: int, backup: Path | None = None
) -> tuple[keras.Model, pd.DataFrame]:
    """Train the judge on the real training pictures.

    Returns:
        The judge, pictures float32 (n, h, w, c) in [0, 1] → unit vectors (n, 128), and its curves ``loss`` and
        ``accuracy``, one row an epoch.

    Raises:
        InputError: the loss became NaN, or fewer than two classes have enough pictures.
    """
    sizes = np.bincount(train.labels)
    train = train.take(sizes[train.labels] >= params.least_pictures)
    classes, labels = np.unique(train.labels, return_inverse=True)
    if len(classes) < 2:
        raise InputError(f"judge.least_pictures: fewer than two classes have {params.least_pictures} training pictures")
    batches = ViewedBatches(train.images, labels, params.batch_size, seed)
    judge = feature_network(train.images.shape[1:], params.width, seed)
    network = classifier(judge, len(classes), params, seed)
    rate = keras.optimizers.schedules.CosineDecay(params.learning_rate, params.epochs * len(batches))
    network.compile(keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    curves = fit(network, batches, None, params.epochs, backup)
    return judge, curves
