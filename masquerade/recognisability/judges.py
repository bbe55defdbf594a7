"""The judges of one modality by their names in the reports."""

from pathlib import Path

import keras
import numpy as np

from masquerade.embedders import pretrained
from masquerade.params import Judge
from masquerade.recognisability.features import Features, gradients
from masquerade.saving import load_model


def load_judges(params: Judge, trained: Path, image_shape: tuple[int, int, int]) -> dict[str, Features]:
    """Return ``cnn``, the network trained here, ``hog``, and the pretrained one that ``params`` names.

    Raises:
        InputError: the weights of one are missing.
    """
    judges = {"cnn": _features(load_model(trained)), "hog": gradients}
    if params.pretrained is not None:
        judges[params.pretrained] = _features(pretrained(params.pretrained, image_shape))
    return judges


def _features(network: keras.Model, batch_size: int = 100) -> Features:
    def features(images: np.ndarray) -> np.ndarray:
        parts = (images[start : start + batch_size] for start in range(0, len(images), batch_size))
        return np.concatenate([network.predict_on_batch(part) for part in parts])  # compiled, unlike a call

    return features
