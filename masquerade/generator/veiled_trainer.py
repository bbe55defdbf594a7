"""The training of the veiled generator: it needs embeddings, no pictures."""

from pathlib import Path

import keras
import numpy as np
import pandas as pd
from keras import KerasTensor, ops

from masquerade.distances.embedding import embedding_distance
from masquerade.generator.collapse import CollapsedGenerator, is_collapsed
from masquerade.generator.losses import EmbeddingLoss
from masquerade.generator.veiled import read_carrier, veil, veiled_generator
from masquerade.params import Veiled
from masquerade.training import Batches, Watch, fit


class ResidualLoss(keras.losses.Loss):
    """Mean square of tanh(U), 0…1: called with anything and (n, h, w, c); returns (n,)."""

    def call(self, y_true: KerasTensor, y_pred: KerasTensor) -> KerasTensor:
        return ops.mean(ops.square(y_pred), axis=(1, 2, 3))


MIXED = 16
"""Training embeddings in a mixture."""

WARM_UP = 0.1
"""Share of the steps in which the learning rate rises from 0: full from the first step on, it may drive tanh(U) to ±1
everywhere, where its slope is zero and learning ends."""


class Mixtures(Batches):
    """Batches of unit vectors, each a combination of a few training embeddings, new ones every epoch.

    G needs no picture to be trained, so it can be trained on people who do not exist. The weights are normal, so that
    mixtures lie beyond the training embeddings as well as between them: there are the people it has not seen.
    """

    def __init__(self, vectors: np.ndarray, steps: int, batch_size: int, seed: int) -> None:
        self.vectors = vectors
        self.count = steps * batch_size
        super().__init__(np.resize(vectors, (self.count, vectors.shape[1])), batch_size=batch_size, shuffle_seed=seed)

    def begin_epoch(self, epoch: int) -> None:
        rng = np.random.default_rng([self.shuffle_seed or 0, epoch])
        weights = rng.standard_normal((self.count, MIXED), dtype=np.float32)
        members = self.vectors[rng.integers(len(self.vectors), size=(self.count, MIXED))]
        mixed = np.einsum("nk,nkm->nm", weights, members)
        self.images = mixed / np.maximum(np.linalg.norm(mixed, axis=1, keepdims=True), 1e-6)
        self.targets = _targets(self.images)
        super().begin_epoch(epoch)


def _targets(vectors: np.ndarray) -> dict[str, np.ndarray]:
    return {"embedding": vectors, "residual": np.zeros((len(vectors), 1, 1, 1), np.float32)}


def train_veiled(
    embedder: keras.Model,
    training: np.ndarray,
    validation: np.ndarray,
    params: Veiled,
    seed: int,
    backup: Path | None = None,
    watch: Watch | None = None,
) -> tuple[keras.Model, pd.DataFrame]:
    """Train a decoder whose templates the frozen F maps back to the embeddings they were made from.

    Loss: (1 − penalty)·ReLU(d_emb − margin), Eq. 9, + penalty·‖tanh(U)‖²/n.

    Args:
        embedder: F, images (n, h, w, c) → unit vectors (n, m).
        training, validation: float32 unit vectors (n, m), F of pictures; validation only draws curves.
        backup: folder for the state after each epoch; a killed training goes on from there.
        watch: is told the curves of each epoch, see :func:`masquerade.training.fit`.

    Returns:
        G, images (n, h, w, c) → templates, and one row an epoch with ``residual_loss``, ``embedding_loss``,
        ``embedding_d_emb`` (Eq. 10) and ``loss``, of the validation vectors with the prefix ``val_``.

    Raises:
        InputError: the loss became NaN, the decoder ignores its input, or the carrier cannot be read.
    """
    embedder.trainable = False
    carrier = read_carrier(params, embedder.input_shape[1:], seed)
    decoder = veil(training.shape[1], carrier, params, seed)
    drawn = decoder(decoder.input)
    network = keras.Model(
        decoder.input,
        {"residual": drawn["residual"], "embedding": embedder(drawn["template"], training=False)},
        name="veiled_generator",
    )
    steps = params.epochs * params.steps
    warm = round(WARM_UP * steps)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, steps - warm, warmup_target=params.learning_rate, warmup_steps=warm
    )
    network.compile(
        keras.optimizers.Adam(rate),
        loss={"residual": ResidualLoss(), "embedding": EmbeddingLoss(params.margin)},
        loss_weights={"residual": params.penalty, "embedding": 1 - params.penalty},
        metrics={"embedding": keras.metrics.MeanMetricWrapper(embedding_distance, name="d_emb")},
    )

    mixtures = Mixtures(training, params.steps, params.batch_size, seed)
    held_out = Batches(validation, _targets(validation), params.batch_size)
    curves = fit(network, mixtures, held_out, params.epochs, backup, watch=watch)
    if is_collapsed(decoder.predict(validation[:64], verbose=0)["residual"]) and len(validation) > 1:
        raise CollapsedGenerator(
            "training stopped: the decoder paints the same residual for every embedding. Lower veiled.learning_rate, "
            "veiled.penalty or veiled.margin"
        )
    return veiled_generator(decoder, embedder), curves
