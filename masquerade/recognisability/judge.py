"""The judge trained here: a convolutional classifier of real images in every view, which never saw G or F."""

from pathlib import Path

import keras
import numpy as np
import pandas as pd
from keras import KerasTensor, layers

from masquerade.data.image_set import ImageSet
from masquerade.errors import InputError
from masquerade.params import Judge
from masquerade.recognisability.movement import moved
from masquerade.recognisability.views import views
from masquerade.training import Batches, Watch, fit

SCALE = 16.0
"""Factor on the cosines before the softmax: with 1 no probability could come near 1."""

SIDE = 32
"""Largest side in pixels that the judge sees; larger images are averaged in blocks."""


class ViewedBatches(Batches):
    """Batches of images, each seen in a random view, averaged in blocks and moved at random.

    View and movement depend only on seed, epoch and place, so a resumed training run repeats them.
    """

    def __init__(self, images: np.ndarray, targets: np.ndarray, params: Judge, seed: int) -> None:
        self.views = list(views(images.shape[-1]).values())
        self.mean = images.mean(axis=0, dtype=np.float64).astype(np.float32) / np.float32(255)
        self.params = params
        super().__init__(images, targets, params.batch_size, shuffle_seed=seed)

    def begin_epoch(self, epoch: int) -> None:
        super().begin_epoch(epoch)
        self.epoch = epoch
        self.drawn = np.random.default_rng([self.shuffle_seed or 0, epoch, 1]).integers(
            len(self.views), size=len(self.images)
        )

    def __getitem__(self, index: int) -> tuple:
        images, targets = super().__getitem__(index)
        drawn = self.drawn[index * self.batch_size : (index + 1) * self.batch_size]
        viewed = np.empty_like(images)
        for number in np.unique(drawn):
            viewed[drawn == number] = self.views[number](images[drawn == number], self.mean)
        rng = np.random.default_rng([self.shuffle_seed or 0, self.epoch, 2, index])
        section = self.params
        return moved(_averaged(viewed), section.shift, section.turn, section.zoom, section.mirror, rng), targets


def feature_network(image_shape: tuple[int, int, int], width: int, seed: int) -> keras.Model:
    """Build the judge, images (n, h, w, c) → unit vectors (n, 128).

    Each image is averaged in blocks until its side is at most :data:`SIDE`. The layer ``trunk`` standardises the image
    and its details (the image minus the mean of 5×5 pixels), so that a faint image weighs as much as a strong one, and
    applies pairs of 3×3 convolutions, the first with ``width`` filters, and pooling until the side is at most 7. Only
    the vectors are normalised over the batch: between convolutions that takes as long as a convolution.
    """
    initializers = (keras.initializers.HeNormal(seed=number) for number in range(seed, seed + 100))

    def convolve(x: KerasTensor, filters: int) -> KerasTensor:
        return layers.Conv2D(filters, 3, padding="same", activation="relu", kernel_initializer=next(initializers))(x)

    block = _block(image_shape[0])
    small = layers.Input((image_shape[0] // block, image_shape[1] // block, image_shape[2]))
    side, filters = small.shape[1], width
    details = layers.Subtract()([small, layers.AveragePooling2D(5, strides=1, padding="same")(small)])
    x = layers.Concatenate()([_standardised(small), _standardised(details)])
    x = convolve(convolve(x, filters), filters)
    while side > 7:
        side, filters = -(-side // 2), min(2 * filters, 4 * width)
        x = layers.MaxPooling2D(padding="same")(x)
        x = convolve(convolve(x, filters), filters)
    x = layers.Dropout(0.2, seed=seed)(layers.Flatten()(x))
    x = layers.Dense(128, use_bias=False, kernel_initializer=next(initializers))(x)
    trunk = keras.Model(small, layers.UnitNormalization()(layers.BatchNormalization()(x)), name="trunk")
    images = layers.Input(image_shape, name="images")
    return keras.Model(images, trunk(layers.AveragePooling2D(block)(images)), name="judge")


def classifier(judge: keras.Model, classes: int, seed: int) -> keras.Model:
    """Build the classifier that trains the judge's trunk, averaged images (n, h, w, c) → probabilities (n, classes).

    The softmax is taken of the cosines between features and a unit vector for each class, times :data:`SCALE`
    (NormFace, Wang et al., 2017). The judge thus learns to map images near the mean of their class,
    which is how it is used.
    """
    trunk = judge.get_layer("trunk")
    images = layers.Input(trunk.input_shape[1:], name="averaged")
    initializer, unit_norm = keras.initializers.HeNormal(seed=seed), keras.constraints.UnitNorm()
    cosines = layers.Dense(classes, use_bias=False, kernel_initializer=initializer, kernel_constraint=unit_norm)
    return keras.Model(images, layers.Softmax()(layers.Rescaling(SCALE)(cosines(trunk(images)))), name="judge")


def _standardised(images: KerasTensor) -> KerasTensor:
    """Each image with mean 0 and variance 1 over all its pixels and channels."""
    return layers.GroupNormalization(1, epsilon=1e-6, scale=False, center=False)(images)


def _block(side: int) -> int:
    return -(-side // SIDE)


def _averaged(images: np.ndarray) -> np.ndarray:
    """Return means of complete blocks, as AveragePooling2D does."""
    n, height, width, channels = images.shape
    block = _block(height)
    rows, columns = height // block, width // block
    whole = images[:, : rows * block, : columns * block]
    return whole.reshape(n, rows, block, columns, block, channels).mean(axis=(2, 4))


def train_judge(
    train: ImageSet, params: Judge, seed: int, backup: Path | None = None, watch: Watch | None = None
) -> tuple[keras.Model, pd.DataFrame]:
    """Train the judge on the real training images.

    ``backup`` and ``watch`` are as in :func:`masquerade.training.fit`.

    Returns:
        The judge, images float32 (n, h, w, c) in [0, 1] → unit vectors (n, 128), and its curves ``loss`` and
        ``accuracy``, one row per epoch.

    Raises:
        InputError: the loss became NaN, or fewer than two classes have enough images.
    """
    sizes = np.bincount(train.labels)
    train = train.take(sizes[train.labels] >= params.least_images)
    classes, labels = np.unique(train.labels, return_inverse=True)
    if len(classes) < 2:
        raise InputError(f"judge.least_images: fewer than two classes have {params.least_images} training images")
    batches = ViewedBatches(train.images, labels, params, seed)
    judge = feature_network(train.images.shape[1:], params.width, seed)
    network = classifier(judge, len(classes), seed)
    steps = params.epochs * len(batches)
    rate = keras.optimizers.schedules.CosineDecay(
        params.learning_rate / 20, steps - steps // 10, warmup_target=params.learning_rate, warmup_steps=steps // 10
    )
    network.compile(keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    curves = fit(network, batches, None, params.epochs, backup, watch=watch)
    return judge, curves
