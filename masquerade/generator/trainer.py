"""The trainer network, Fig. 7, and its training."""

from pathlib import Path

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
from masquerade.training import Batches, fit, predict


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
    return keras.Model(images, outputs, name="trainer")


def train_generator(
    embedder: keras.Model,
    training: np.ndarray,
    validation: np.ndarray,
    params: Modality,
    shared: Generator,
    seed: int,
    backup: Path | None = None,
    stop_if_collapsed: bool = True,
) -> tuple[keras.Model, pd.DataFrame]:
    """Train a new G by the loss of Eq. 7, (1 − π_emb)·ℓ_img + π_emb·ℓ_emb.

    Args:
        embedder: F, images (n, h, w, c) → unit vectors (n, m).
        training, validation: uint8 (n, h, w, c); validation only draws curves.
        backup: folder for the state after each epoch; a killed training goes on from there.

    Returns:
        G, and one row an epoch with ``generated_loss`` (Eq. 8), ``embedding_loss`` (Eq. 9), ``embedding_d_emb``
        (Eq. 10) and ``loss`` (Eq. 7) of the training pictures and, with the prefix ``val_``, the validation ones.

    Raises:
        InputError: the loss became NaN, or G gives the same picture for every input (Table 5).
    """
    setting, loss = params.training, params.loss

    def batches(images: np.ndarray, shuffle_seed: int | None) -> Batches:
        targets = {"generated": images, "embedding": predict(embedder, images)}
        return Batches(images, targets, setting.batch_size, shuffle_seed)

    pictures = batches(augmented(training, setting.copies, setting.shift, setting.mirror, seed), seed)
    generator = unet(training.shape[1:], params.unet.width, params.unet.depth, params.unet.normalisation, seed)
    network = trainer_network(generator, embedder)
    network.compile(
        _optimizer(shared.optimizer, setting, steps_per_epoch=len(pictures)),
        loss={
            "generated": ImageLoss(distance(loss.distance, loss.beta)),
            "embedding": EmbeddingLoss(shared.alpha),
        },
        loss_weights={"generated": 1 - loss.pi_emb, "embedding": loss.pi_emb},
        metrics={"embedding": keras.metrics.MeanMetricWrapper(embedding_distance, name="d_emb")},
        jit_compile=setting.jit_compile,
    )
    guards = [CollapseGuard(generator, validation[:64])] if stop_if_collapsed and len(validation) > 1 else []
    curves = fit(network, pictures, batches(validation, None), setting.epochs, backup, guards)
    return generator, curves


def _optimizer(name: str, params: Training, steps_per_epoch: int) -> keras.optimizers.Optimizer:
    rate = params.learning_rate
    if params.schedule == "cosine":
        rate = keras.optimizers.schedules.CosineDecay(rate, params.epochs * steps_per_epoch)
    try:
        optimizer = keras.optimizers.get(name)
    except ValueError as error:
        raise InputError(f"generator.optimizer: {name!r} is no Keras optimizer") from error
    return type(optimizer)(learning_rate=rate)
