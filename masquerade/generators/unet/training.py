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
from masquerade.generators.collapse import PATIENCE, CollapseGuard
from masquerade.generators.losses import EmbeddingLoss, ImageLoss
from masquerade.generators.unet.dual_ascent import DualAscent, Weights, beyond
from masquerade.generators.unet.network import unet
from masquerade.generators.unet.params import Settings
from masquerade.params import Generator
from masquerade.training import ON_JAX, Batches, Watch, fit, predict

EPOCHS = 40
"""Parts of a training. After each, curves and a backup are written, and the weights of Eq. 7 may change."""


class ShortEpochs(Batches):
    """Epochs of ``steps`` batches, each with other images, or with all of them several times."""

    def __init__(self, steps: int, *batches: Any) -> None:
        self.steps = steps
        super().__init__(*batches)

    def begin_epoch(self, epoch: int) -> None:
        rng, n = np.random.default_rng([self.shuffle_seed or 0, epoch]), len(self.images)
        passes = math.ceil(self.steps * self.batch_size / n)
        self.order = np.concatenate([rng.permutation(n) for _ in range(passes)])

    def __len__(self) -> int:
        return self.steps


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

    With ``pi_emb: auto``, which is not in the paper, π_emb and the margin of Eq. 9 follow the held-out images, and the
    training ends when it is done: see :mod:`masquerade.generators.unet.dual_ascent`. With a number, as in the paper, they
    and the learning rate are constant, and all steps are made.

    For arguments, results and errors see :class:`masquerade.generators.base.Train`. The curves are ``generated_loss``
    (Eq. 8), ``embedding_loss`` (Eq. 9), ``embedding_d_emb`` (Eq. 10) and ``loss`` (Eq. 7).
    """
    training, loss, alpha = settings.training, settings.loss, shared.alpha
    epochs = min(EPOCHS, training.steps)
    batches = ShortEpochs(training.steps // epochs, images, _targets(embedder, images), training.batch_size, seed)
    generator = unet(images.shape[1:], settings.width, settings.depth, settings.normalisation, seed)
    network = trainer_network(generator, embedder)
    weights = Weights(network, 0.0 if loss.pi_emb == "auto" else loss.pi_emb, alpha)
    network.compile(
        _optimizer(shared.optimizer, training.learning_rate),
        loss={
            "generated": ImageLoss(distance(loss.distance, shared.beta)),
            "embedding": EmbeddingLoss(weights.margin),
        },
        loss_weights={"generated": weights.image, "embedding": weights.embedding},
        metrics={"embedding": keras.metrics.MeanMetricWrapper(embedding_distance, name="d_emb")},
        jit_compile=training.jit_compile or ON_JAX,
    )
    auto = loss.pi_emb == "auto"
    validation, course, callbacks = None, None, []
    if held_out is not None:
        targets = _targets(embedder, held_out)
        validation = Batches(held_out, targets, training.batch_size)
        if auto:
            course = DualAscent(network, weights, alpha, held_out, targets["embedding"], epochs)
        # A greater weight can undo what a small one does at first.
        patience = epochs if auto else PATIENCE
        callbacks = [CollapseGuard(generator, held_out[:64], epochs, patience)]
    elif auto:
        raise InputError("loss.pi_emb: auto needs images to validate with, which this run has not: give a number")
    curves = fit(network, batches, validation, epochs, backup, callbacks, watch, course)
    if course is not None:
        curves.attrs["warnings"] = beyond(curves, alpha)
    return generator, curves


def _targets(embedder: keras.Model, images: np.ndarray) -> dict[str, np.ndarray]:
    return {"generated": images, "embedding": predict(embedder, images)}


def _optimizer(name: str, learning_rate: float) -> keras.optimizers.Optimizer:
    try:
        optimizer = keras.optimizers.get(name)
    except ValueError as error:
        raise InputError(f"generator.optimizer: {name!r} is not a Keras optimizer") from error
    return type(optimizer)(learning_rate=learning_rate)
