"""What an attacker without keys can compare two templates by: unit vectors, whose distance is the score."""

from collections.abc import Mapping

import numpy as np

from masquerade.evaluation.likeness import pixel_vectors, unit
from masquerade.images import to_float
from masquerade.recognisability.features import Features


def score_vectors(images: np.ndarray, embeddings: np.ndarray, judges: Mapping[str, Features]) -> dict[str, np.ndarray]:
    """Return vectors (n, …) of templates by the name of the score.

    ``F``: the embedder's; each unseen judge's; ``pixels``: the pixels without their mean, so that the score is their
    correlation; ``residual``: the same after the mean of all templates, which holds the carrier, is taken away.

    Args:
        images: uint8 (n, h, w, c).
        embeddings: F of them, (n, m).
    """
    floats = to_float(images)
    of_judges = {name: unit(features(floats)) for name, features in judges.items()}
    return {"F": embeddings, **of_judges, "pixels": pixel_vectors(images), "residual": pixel_vectors(images, True)}
