"""Embedders F by the name params.yaml calls them, all with one geometry (errata 14)."""

from pathlib import Path

import keras
import pandas as pd

from masquerade.data.pictures import Pictures
from masquerade.embedders.centring import centre
from masquerade.embedders.dlib import dlib_network
from masquerade.embedders.facenet import facenet_network, weights_file
from masquerade.embedders.triplet import train as train_triplet
from masquerade.params import Modality
from masquerade.training import Watch, predict


def build_embedder(
    params: Modality,
    train: Pictures,
    test: Pictures,
    seed: int,
    backup: Path | None = None,
    watch: Watch | None = None,
) -> tuple[keras.Model, pd.DataFrame | None]:
    """Train or load the network ``params.embedder`` names and centre it on the training pictures.

    ``backup`` and ``watch`` are as in :func:`masquerade.training.fit`.

    Returns:
        F, images float32 (n, h, w, c) in [0, 1] → unit vectors (n, m), frozen; and the curves of its training, None
        for one that came with its weights.

    Raises:
        InputError: weights are missing or wrong, or the training failed.
    """
    image_shape = train.images.shape[1:]
    weights = None if params.embedder_weights is None else Path(params.embedder_weights).expanduser()
    curves = None
    match params.embedder:
        case "triplet":
            assert params.triplet is not None  # the parameters were validated
            network, curves = train_triplet(train, test, params.triplet, seed, backup, watch)
        case "dlib":
            network = dlib_network(image_shape, weights)
        case "facenet":
            network = facenet_network(image_shape, weights_file(weights))
    return centre(network, predict(network, train.images).mean(axis=0)), curves
