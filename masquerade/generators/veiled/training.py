"""Training of the veiled generator, from embeddings alone."""

from pathlib import Path

import keras
import numpy as np
import pandas as pd
from keras import KerasTensor, ops

from masquerade.distances.embedding import embedding_distance
from masquerade.generators.collapse import CollapsedGenerator, is_collapsed
from masquerade.generators.losses import EmbeddingLoss
from masquerade.generators.veiled.network import read_carrier, veil, veiled_generator
from masquerade.generators.veiled.params import Settings
from masquerade.params import Generator
from masquerade.training import Batches, Watch, fit, predict


class ResidualLoss(keras.losses.Loss):
    """Mean square of tanh(U), 0…1: called with an ignored argument and (n, h, w, c); returns (n,)."""

    def call(self, y_true: KerasTensor, y_pred: KerasTensor) -> KerasTensor:
        return ops.mean(ops.square(y_pred), axis=(1, 2, 3))


HELD_BACK = 256
"""Mixtures that no epoch trains with."""

MIXED = 16
"""Training embeddings per mixture."""

WARM_UP = 0.1
"""Share of the steps in which the learning rate rises from 0. At the full rate from the start, tanh(U) may saturate at
±1 everywhere, where its slope is zero and learning ends."""

SATURATED = 0.8
"""Mean square of tanh(U) that is reported as saturated."""


class Mixtures(Batches):
    """Batches of unit vectors, each a combination of a few training embeddings, new ones every epoch.

    Training needs no images, so G can learn from people who do not exist. The weights are normal, so mixtures lie
    beyond the training embeddings as well as between them, where the embeddings of unseen people lie.
    """

    def __init__(self, vectors: np.ndarray, steps: int, batch_size: int, seed: int) -> None:
        self.vectors = vectors
        self.count = steps * batch_size
        super().__init__(np.resize(vectors, (self.count, vectors.shape[1])), batch_size=batch_size, shuffle_seed=seed)

    def begin_epoch(self, epoch: int) -> None:
        self.images = mixed(self.vectors, self.count, np.random.default_rng([self.shuffle_seed or 0, epoch]))
        self.targets = _targets(self.images)
        super().begin_epoch(epoch)


def mixed(vectors: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return random combinations of :data:`MIXED` unit vectors (n, m) each, unit vectors (count, m)."""
    weights = rng.standard_normal((count, MIXED), dtype=np.float32)
    members = vectors[rng.integers(len(vectors), size=(count, MIXED))]
    sums = np.einsum("nk,nkm->nm", weights, members)
    return sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-6)


def _targets(vectors: np.ndarray) -> dict[str, np.ndarray]:
    return {"embedding": vectors, "residual": np.zeros((len(vectors), 1, 1, 1), np.float32)}


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
    """Train a decoder whose templates the frozen F maps back to the embeddings they were made from.

    Loss: (1 − penalty)·ReLU(d_emb − settings.d_emb), Eq. 9, + penalty·‖tanh(U)‖²/n.

    For arguments, results and errors see :class:`masquerade.generators.base.Train`. Only F(X) of the images is used, of
    the validation images too: what is held back are mixtures, for curves and to notice a collapse.
    The curves are ``residual_loss``, ``embedding_loss``, ``embedding_d_emb`` (Eq. 10) and ``loss``.
    """
    vectors = predict(embedder, images if validation is None else np.concatenate([images, validation]))
    embedder.trainable = False
    carrier = read_carrier(settings, embedder.input_shape[1:], seed)
    decoder = veil(vectors.shape[1], carrier, settings, seed)
    drawn = decoder(decoder.input)
    network = keras.Model(
        decoder.input,
        {"residual": drawn["residual"], "embedding": embedder(drawn["template"], training=False)},
        name="veiled",
    )
    steps = settings.epochs * settings.steps
    warm = round(WARM_UP * steps)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, steps - warm, warmup_target=settings.learning_rate, warmup_steps=warm
    )
    network.compile(
        keras.optimizers.Adam(rate),
        loss={"residual": ResidualLoss(), "embedding": EmbeddingLoss(settings.d_emb)},
        loss_weights={"residual": settings.penalty, "embedding": 1 - settings.penalty},
        metrics={"embedding": keras.metrics.MeanMetricWrapper(embedding_distance, name="d_emb")},
    )

    mixtures = Mixtures(vectors, settings.steps, settings.batch_size, seed)
    held_back = None
    if validation is not None:
        others = mixed(vectors, HELD_BACK, np.random.default_rng([seed, settings.epochs]))
        held_back = Batches(others, _targets(others), settings.batch_size)
    curves = fit(network, mixtures, held_back, settings.epochs, backup, watch=watch)
    if held_back is not None and is_collapsed(decoder.predict(held_back.images[:64], verbose=0)["residual"]):
        raise CollapsedGenerator(
            "training stopped: the decoder paints the same residual for every embedding. Lower veiled.learning_rate, "
            "veiled.penalty or veiled.d_emb"
        )
    curves.attrs["warnings"] = saturated(curves)
    return veiled_generator(decoder, embedder), curves


def saturated(curves: pd.DataFrame) -> list[str]:
    """Return a warning if most of tanh(U) is near ±1, where its slope is zero and nothing more can be learnt."""
    square = curves["residual_loss"].iloc[-1]
    return [f"the decoder is saturated: mean square of tanh(U) {square:.2f}"] if square > SATURATED else []
