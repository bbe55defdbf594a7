"""Training of the veiled generator, from embeddings alone."""

import math
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from masquerade.distances.embedding import embedding_distance
from masquerade.generators.collapse import CollapsedGenerator, is_collapsed
from masquerade.generators.losses import EmbeddingLoss
from masquerade.generators.refine import ENOUGH
from masquerade.generators.veiled.amplitude import Amplitude, SaturationLoss, mean_square
from masquerade.generators.veiled.network import read_carrier, set_epsilon, veil, veiled_generator
from masquerade.generators.veiled.params import Settings
from masquerade.params import Generator
from masquerade.training import Batches, Watch, fit, predict

EPOCHS = 10
"""Largest number of epochs. After each, curves and a backup are written, and ε may change."""

MIXED = 16
"""Training embeddings per mixture."""

WARM_UP = 0.1
"""Share of the steps in which the learning rate rises from 0. At the full rate from the start, tanh(U) may saturate at
±1 everywhere, where its slope is zero and learning ends."""

FAR = 0.2
"""d_emb above which the decoder ends far off: the usual α. Not ``generator.alpha``: another one trains no decoder."""

UNRELATED = 1.0
"""d_emb above which it has learnt little: unrelated vectors have 2, and no refinement mends templates that far off."""

SATURATED = 0.8
"""Mean square of tanh(U) above which it is saturated, although the loss penalises smaller ones."""


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

    Loss: ReLU(d_emb − ENOUGH), Eq. 9, and what saturates tanh(U), see :mod:`masquerade.generators.veiled.amplitude`.

    For arguments, results and errors see :class:`masquerade.generators.base.Train`. Only F(X) of the images is used, of
    the validation images too. The curves are ``embedding_loss``, ``embedding_d_emb`` (Eq. 10), ``residual_loss``,
    ``residual_square`` (mean square of tanh(U)), ``epsilon`` and ``loss``.
    """
    vectors = predict(embedder, images if validation is None else np.concatenate([images, validation]))
    embedder.trainable = False
    carrier = read_carrier(settings, embedder.input_shape[1:], seed)
    decoder = veil(vectors.shape[1], carrier.shape, settings, seed)
    drawn = decoder(decoder.input)
    network = keras.Model(
        decoder.input,
        {"residual": drawn["residual"], "embedding": embedder(drawn["template"], training=False)},
        name="veiled",
    )
    warm = round(WARM_UP * settings.steps)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, settings.steps - warm, warmup_target=settings.learning_rate, warmup_steps=warm
    )
    network.compile(
        keras.optimizers.Adam(rate),
        loss={"residual": SaturationLoss(), "embedding": EmbeddingLoss(ENOUGH)},
        metrics={
            "residual": keras.metrics.MeanMetricWrapper(mean_square, name="square"),
            "embedding": keras.metrics.MeanMetricWrapper(embedding_distance, name="d_emb"),
        },
    )

    def assign(epsilon: float) -> None:
        set_epsilon(decoder, epsilon, carrier, settings, seed)

    steps = math.ceil(settings.steps / EPOCHS)
    mixtures = Mixtures(vectors, steps, settings.batch_size, seed)
    course = Amplitude(assign, largest=0.5 - settings.noise)
    curves = fit(network, mixtures, None, settings.steps // steps, backup, watch=watch, course=course)
    others = mixed(vectors, 64, np.random.default_rng([seed, EPOCHS]))
    if is_collapsed(decoder.predict(others, verbose=0)["residual"]):
        raise CollapsedGenerator(
            "training stopped: the decoder paints the same residual for every embedding. Lower veiled.learning_rate"
        )
    curves.attrs["warnings"] = [*far(curves), *saturated(curves)]
    return veiled_generator(decoder, embedder), curves


def far(curves: pd.DataFrame) -> list[str]:
    """Return a warning if the decoder ended far from the embeddings of its last mixtures, new to it as all are."""
    d_emb = curves["embedding_d_emb"].iloc[-1]
    if d_emb > UNRELATED:
        return [f"the decoder has learnt little: d_emb {d_emb:.2f} before the refinement"]
    if d_emb > FAR:
        return [
            f"the decoder alone ends at d_emb {d_emb:.2f}, beyond {FAR:g}: the refinement at enrolment must do the rest"
        ]
    return []


def saturated(curves: pd.DataFrame) -> list[str]:
    """Return a warning if tanh(U) ended near ±1, where its slope is zero and learning ends."""
    square = curves["residual_square"].iloc[-1]
    return [f"the decoder is saturated: mean square of tanh(U) {square:.2f}"] if square > SATURATED else []
