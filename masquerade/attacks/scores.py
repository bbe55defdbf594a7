"""What an attacker without keys can compare two templates by: unit vectors, whose distance is the score."""

from collections.abc import Mapping

import numpy as np

from masquerade.images import to_float
from masquerade.recognisability.features import Features, unit


def score_vectors(images: np.ndarray, embeddings: np.ndarray, judges: Mapping[str, Features]) -> dict[str, np.ndarray]:
    """Return vectors (n, …) of templates by the name of the score.

    ``F``: the embedder's; each unseen judge's; ``pixels``: the pixels without their mean, so that the score is their
    correlation; ``residual``: the same after the mean of all templates, which holds the carrier, is taken away.

    Args:
        images: uint8 (n, h, w, c).
        embeddings: F of them, (n, m).
    """
    floats = to_float(images)
    pixels = floats.reshape(len(floats), -1)
    vectors = {name: features(floats) for name, features in judges.items()}
    vectors |= {"pixels": _centred(pixels), "residual": _centred(pixels - pixels.mean(axis=0))}
    return {"F": embeddings} | {name: unit(each) for name, each in vectors.items()}


def _centred(vectors: np.ndarray) -> np.ndarray:
    return vectors - vectors.mean(axis=1, keepdims=True)
