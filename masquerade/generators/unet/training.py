"""The trainer network, Fig. 7, and its training."""

import math
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

from masquerade.distances import distance
from masquerade.distances.embedding import embedding_distance
from masquerade.errors import InputError
from masquerade.generators.collapse import CollapseGuard
from masquerade.generators.losses import EmbeddingLoss, ImageLoss
from masquerade.generators.unet.network import unet
from masquerade.generators.unet.params import Settings, Training
from masquerade.params import Generator
from masquerade.training import ON_JAX, Batches, Watch, fit, predict


class ShortEpochs(Batches):
    """Epochs of at most ``steps`` batches, with other images in each, for curves and backups every few minutes."""

    def __init__(self, steps: int | None, *batches: Any) -> None:
        super().__init__(*batches)
        self.steps = steps

    def __len__(self) -> int:
        return super().__len__() if self.steps is None else min(self.steps, super().__len__())


def trainer_network(generator: keras.Model, embedder: keras.Model) -> keras.Model:
    """Compose X → {"generated": G(X), "embedding": F(G(X))} with F frozen, so that only G is trained.

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
    """A scalar variable that Keras can serialise with the losses of a network."""

    def get_config(self) -> dict[str, str]:
        return {"name": self.name}


class WarmUp(keras.callbacks.Callback):
    """The weights of Eq. 7, 1 − π_emb and π_emb, with another π_emb in the first epochs.

    Attributes:
        image, embedding: scalar variables of the network, so that one compiled step serves both parts of the training.
    """

    def __init__(self, network: keras.Model, first: float, then: float, epochs: int) -> None:
        super().__init__()
        self.first, self.then, self.epochs = first, then, epochs
        self.image, self.embedding = (LossWeight(0.0, trainable=False, name=name) for name in ("image", "embedding"))
        network.loss_variables = [self.image, self.embedding]  # JAX updates only variables of the network

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
        pi_emb = self.first if epoch < self.epochs else self.then
        self.image.assign(1 - pi_emb)
        self.embedding.assign(pi_emb)


def train(
    embedder: keras.Model,
    images: np.ndarray,
    held_out: np.ndarray | None,
    settings: Settings,
    shared: Generator,
    seed: int,
    backup: Path | None = None,
    watch: Watch | None = None,
) -> tuple[keras.Model, pd.DataFrame]:
    """Train a new G by the loss of Eq. 7, (1 − π_emb)·ℓ_img + π_emb·ℓ_emb.

    Two things are not in the paper. An optional warm-up starts with a smaller π_emb: with a large one, G soon copies
    its input, where the slope of mse is zero, and stays there. And Eq. 9 gets only ``loss.share_of_alpha`` of α: if the
    training images just reach α, others end beyond it.

    For arguments, results and errors see :class:`masquerade.generators.base.Train`. The curves are ``generated_loss``
    (Eq. 8), ``embedding_loss`` (Eq. 9), ``embedding_d_emb`` (Eq. 10) and ``loss`` (Eq. 7).
    """
    training, loss = settings.training, settings.loss

    def targets(images: np.ndarray) -> dict[str, np.ndarray]:
        return {"generated": images, "embedding": predict(embedder, images)}

    batches = ShortEpochs(training.steps, images, targets(images), training.batch_size, seed)
    generator = unet(images.shape[1:], settings.width, settings.depth, settings.normalisation, seed)
    network = trainer_network(generator, embedder)
    weights = WarmUp(network, loss.warm_up_pi_emb, loss.pi_emb, round(loss.warm_up * training.epochs))
    validation, callbacks = None, [weights]
    if held_out is not None:
        if training.steps is not None:  # at most as many as an epoch trains with
            held_out = held_out[:: math.ceil(len(held_out) / (training.steps * training.batch_size))]
        validation = Batches(held_out, targets(held_out), training.batch_size)
        callbacks.append(CollapseGuard(generator, held_out[:64], training.epochs))

    network.compile(
        _optimizer(shared.optimizer, training, steps_per_epoch=len(batches)),
        loss={
            "generated": ImageLoss(distance(loss.distance, shared.beta)),
            "embedding": EmbeddingLoss(loss.share_of_alpha * shared.alpha),
        },
        loss_weights={"generated": weights.image, "embedding": weights.embedding},
        metrics={"embedding": keras.metrics.MeanMetricWrapper(embedding_distance, name="d_emb")},
        jit_compile=training.jit_compile or ON_JAX,
    )
    return generator, fit(network, batches, validation, training.epochs, backup, callbacks, watch)


def _optimizer(name: str, params: Training, steps_per_epoch: int) -> keras.optimizers.Optimizer:
    rate = params.learning_rate
    if params.schedule == "cosine":
        rate = keras.optimizers.schedules.CosineDecay(rate, params.epochs * steps_per_epoch)
    try:
        optimizer = keras.optimizers.get(name)
    except ValueError as error:
        raise InputError(f"generator.optimizer: {name!r} is not a Keras optimizer") from error
    return type(optimizer)(learning_rate=rate)
