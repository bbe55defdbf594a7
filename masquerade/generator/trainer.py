"""The trainer network, Fig. 7, and its training."""

import math
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

from masquerade.data.augment import augmented
from masquerade.distances import distance
from masquerade.distances.embedding import embedding_distance
from masquerade.errors import InputError
from masquerade.generator.collapse import CollapseGuard
from masquerade.generator.losses import EmbeddingLoss, ImageLoss
from masquerade.generator.unet import unet
from masquerade.params import Generator, Modality, Training
from masquerade.training import ON_JAX, Batches, Watch, fit, predict


class ShortEpochs(Batches):
    """Epochs of at most ``steps`` batches, other pictures in each: curves and backups then come every few minutes."""

    def __init__(self, steps: int | None, *batches: Any) -> None:
        super().__init__(*batches)
        self.steps = steps

    def __len__(self) -> int:
        return super().__len__() if self.steps is None else min(self.steps, super().__len__())


def trainer_network(generator: keras.Model, embedder: keras.Model) -> keras.Model:
    """Compose X → {"generated": G(X), "embedding": F(G(X))} with F frozen, so that gradients reach G alone.

    Args:
        generator: images (n, h, w, c) → images (n, h, w, c).
        embedder: images (n, h, w, c) → unit vectors (n, m).
    """
    embedder.trainable = False
    images = keras.layers.Input(generator.input_shape[1:], name="images")
    generated = generator(images)
    outputs = {"generated": generated, "embedding": embedder(generated, training=False)}
    return keras.Model(images, outputs, name="generator")


class LossWeight(keras.Variable):
    """A variable () that Keras can write down with the losses of a network."""

    def get_config(self) -> dict[str, str]:
        return {"name": self.name}


class WarmUp(keras.callbacks.Callback):
    """The weights of Eq. 7, 1 − π_emb and π_emb, with another π_emb in the first epochs.

    Attributes:
        image, embedding: variables () of the network, so that one compiled step serves both parts of the training.
    """

    def __init__(self, network: keras.Model, first: float, then: float, epochs: int) -> None:
        super().__init__()
        self.first, self.then, self.epochs = first, then, epochs
        self.image, self.embedding = (LossWeight(0.0, trainable=False, name=name) for name in ("image", "embedding"))
        network.loss_variables = [self.image, self.embedding]  # JAX changes what belongs to the network alone

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
        pi_emb = self.first if epoch < self.epochs else self.then
        self.image.assign(1 - pi_emb)
        self.embedding.assign(pi_emb)


def train_generator(
    embedder: keras.Model,
    training: np.ndarray,
    validation: np.ndarray | None,
    params: Modality,
    shared: Generator,
    seed: int,
    backup: Path | None = None,
    watch: Watch | None = None,
) -> tuple[keras.Model, pd.DataFrame]:
    """Train a new G by the loss of Eq. 7, (1 − π_emb)·ℓ_img + π_emb·ℓ_emb.

    Two things are not in the paper. A warm-up with a smaller π_emb comes first if the parameters ask for it: without it
    a large π_emb makes G copy its input, where the slope of mse is zero, and there it stays. And ``loss.margin`` is the
    share of α that Eq. 9 is given: a training that is content with α for its own pictures leaves others beyond it.

    Args:
        embedder: F, images (n, h, w, c) → unit vectors (n, m).
        training, validation: uint8 (n, h, w, c); validation draws curves and shows whether G collapses. None: neither.
        backup: folder for the state after each epoch; a killed training goes on from there.
        watch: is told the curves of each epoch, see :func:`masquerade.training.fit`.

    Returns:
        G, and one row an epoch with ``generated_loss`` (Eq. 8), ``embedding_loss`` (Eq. 9), ``embedding_d_emb``
        (Eq. 10) and ``loss`` (Eq. 7) of the training pictures and, with the prefix ``val_``, any validation ones.

    Raises:
        FailedTraining: the loss became NaN, or G gives the same picture for every input (Table 5).
    """
    setting, loss = params.training, params.loss

    def targets(images: np.ndarray) -> dict[str, np.ndarray]:
        return {"generated": images, "embedding": predict(embedder, images)}

    learned = augmented(training, setting.copies, setting.shift, setting.mirror, seed)
    pictures = ShortEpochs(setting.steps, learned, targets(learned), setting.batch_size, seed)
    generator = unet(training.shape[1:], params.unet.width, params.unet.depth, params.unet.normalisation, seed)
    network = trainer_network(generator, embedder)
    weights = WarmUp(network, loss.warm_up_pi_emb, loss.pi_emb, round(loss.warm_up * setting.epochs))
    held_out, callbacks = None, [weights]
    if validation is not None:
        if setting.steps is not None:  # no more than an epoch trains with
            validation = validation[:: math.ceil(len(validation) / (setting.steps * setting.batch_size))]
        held_out = Batches(validation, targets(validation), setting.batch_size)
        callbacks.append(CollapseGuard(generator, validation[:64], setting.epochs))

    network.compile(
        _optimizer(shared.optimizer, setting, steps_per_epoch=len(pictures)),
        loss={
            "generated": ImageLoss(distance(loss.distance, loss.beta)),
            "embedding": EmbeddingLoss(loss.margin * shared.alpha),
        },
        loss_weights={"generated": weights.image, "embedding": weights.embedding},
        metrics={"embedding": keras.metrics.MeanMetricWrapper(embedding_distance, name="d_emb")},
        jit_compile=setting.jit_compile or ON_JAX,
    )
    return generator, fit(network, pictures, held_out, setting.epochs, backup, callbacks, watch)


def _optimizer(name: str, params: Training, steps_per_epoch: int) -> keras.optimizers.Optimizer:
    rate = params.learning_rate
    if params.schedule == "cosine":
        rate = keras.optimizers.schedules.CosineDecay(rate, params.epochs * steps_per_epoch)
    try:
        optimizer = keras.optimizers.get(name)
    except ValueError as error:
        raise InputError(f"generator.optimizer: {name!r} is no Keras optimizer") from error
    return type(optimizer)(learning_rate=rate)
