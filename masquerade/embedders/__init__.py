"""Embedders F by their names in params.yaml, a module each, all centred alike (errata 14)."""

from importlib import import_module
from pathlib import Path

import keras
import pandas as pd

from masquerade.data.image_set import ImageSet
from masquerade.embedders.centring import centre
from masquerade.params import Modality
from masquerade.training import Watch, predict


def build_embedder(
    params: Modality,
    train: ImageSet,
    test: ImageSet,
    seed: int,
    backup: Path | None = None,
    watch: Watch | None = None,
) -> tuple[keras.Model, pd.DataFrame | None]:
    """Train or load the network ``params.embedder`` names and centre it on the training images.

    ``backup`` and ``watch`` are as in :func:`masquerade.training.fit`.

    Returns:
        F, images float32 (n, h, w, c) in [0, 1] → unit vectors (n, m), frozen; and the curves of its training, None
        for a pretrained one.

    Raises:
        InputError: weights are missing or wrong, or the training failed.
    """
    curves = None
    if params.triplet is not None and params.embedder == "triplet":
        triplet = import_module(f"{__package__}.triplet")  # by name, so that no other embedder depends on it
        network, curves = triplet.train(train, test, params.triplet, seed, backup, watch)
    else:
        weights = None if params.embedder_weights is None else Path(params.embedder_weights).expanduser()
        network = pretrained(params.embedder, train.images.shape[1:], weights)
    return centre(network, predict(network, train.images).mean(axis=0)), curves


def pretrained(name: str, image_shape: tuple[int, int, int], weights: Path | None = None) -> keras.Model:
    """Build a pretrained network: what ``network`` in the module of this name returns.

    Args:
        image_shape: (h, w, c), c is 1 or 3.
        weights: file with the weights; None: the package's own or a download.

    Returns:
        Images float32 (n, h, w, c) in [0, 1] → vectors (n, m), frozen.

    Raises:
        InputError: the weights are missing or belong to another network.
    """
    return import_module(f"{__package__}.{name}").network(image_shape, weights)
