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
from masquerade.evaluation.likeness import correlations
from masquerade.generators.collapse import PATIENCE, CollapseGuard
from masquerade.generators.losses import EmbeddingLoss, ImageLoss, Weights
from masquerade.generators.unet.dual_ascent import DualAscent, beyond
from masquerade.generators.unet.network import unet
from masquerade.generators.unet.params import Settings
from masquerade.images import to_float
from masquerade.params import Generator
from masquerade.training import ON_JAX, Batches, Watch, fit, predict

EPOCHS = 40
"""Largest number of epochs. After each, curves and a backup are written, and π_emb may change."""


COPY = 0.5
"""R² of the grey levels of X and G(X) above which G is said to copy its input."""


class ShortEpochs(Batches):
    """Epochs of ``steps`` batches; every image is shown once before any is shown again."""

    def __init__(self, steps: int, *batches: Any) -> None:
        self.steps = steps
        super().__init__(*batches)

    def begin_epoch(self, epoch: int) -> None:
        n, size = len(self.images), self.steps * self.batch_size
        passes = range(epoch * size // n, ((epoch + 1) * size - 1) // n + 1)
        order = [np.random.default_rng([self.shuffle_seed or 0, number]).permutation(n) for number in passes]
        self.order = np.concatenate(order)[epoch * size % n :][:size]

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
    validation: np.ndarray | None,
    settings: Settings,
    shared: Generator,
    seed: int,
    backup: Path | None = None,
    watch: Watch | None = None,
) -> tuple[keras.Model, pd.DataFrame]:
    """Train a new G by the loss of Eq. 7, (1 − π_emb)·ℓ_img + π_emb·ℓ_emb.

    With ``pi_emb: auto``, which is not in the paper, π_emb and the margin of Eq. 9 follow the validation images, and
    the training ends when it is done: see :mod:`masquerade.generators.unet.dual_ascent`. With a number, as in the
    paper, they and the learning rate are constant, and all steps are made.

    For arguments, results and errors see :class:`masquerade.generators.base.Train`. The curves are ``generated_loss``
    (Eq. 8), ``embedding_loss`` (Eq. 9), ``embedding_d_emb`` (Eq. 10) and ``loss`` (Eq. 7).
    """
    training, loss, alpha = settings.training, settings.loss, shared.alpha
    if loss.pi_emb == "auto" and validation is None:
        raise InputError("loss.pi_emb: auto needs images to validate with, which this run has not: give a number")
    steps = math.ceil(training.steps / EPOCHS)
    epochs = training.steps // steps  # less than one part of the steps is left over
    batches = ShortEpochs(steps, images, _targets(embedder, images), training.batch_size, seed)
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
    if validation is None:
        return generator, fit(network, batches, None, epochs, backup, watch=watch)
    # At most as many as an epoch trains with.
    validation = validation[:: math.ceil(len(validation) / (steps * training.batch_size))]
    targets = _targets(embedder, validation)
    course, patience = None, PATIENCE
    if loss.pi_emb == "auto":
        course = DualAscent(network, weights, alpha, validation, targets["embedding"], epochs)
        patience = epochs  # a greater weight can undo what a small one does at first
    guard = CollapseGuard(generator, validation[:64], patience)
    held_back = Batches(validation, targets, training.batch_size)
    curves = fit(network, batches, held_back, epochs, backup, [guard], watch, course)
    curves.attrs["warnings"] = [*([] if course is None else beyond(curves, alpha)), *copied(generator, validation)]
    return generator, curves


def copied(generator: keras.Model, images: np.ndarray) -> list[str]:
    """Return a warning if a line in the grey levels of X, uint8 (n, h, w, c), explains most of G(X)."""
    r2 = np.mean(correlations(to_float(images), predict(generator, images)) ** 2)
    return [f"G copies its input in other grey levels: R² {r2:.2f}"] if r2 > COPY else []


def _targets(embedder: keras.Model, images: np.ndarray) -> dict[str, np.ndarray]:
    return {"generated": images, "embedding": predict(embedder, images)}


def _optimizer(name: str, learning_rate: float) -> keras.optimizers.Optimizer:
    try:
        optimizer = keras.optimizers.get(name)
    except ValueError as error:
        raise InputError(f"generator.optimizer: {name!r} is not a Keras optimizer") from error
    return type(optimizer)(learning_rate=learning_rate)
