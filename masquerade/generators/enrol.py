"""Templates of images as the evaluation enrols them, with its keys where a kind has keys."""

from collections.abc import Sequence

import keras
import numpy as np

from masquerade.evaluation.keys import keys_of
from masquerade.evaluation.templates import Templates
from masquerade.generators.distort import distort
from masquerade.lock import Lock, components_of
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.saving import load_model


def enrol(
    params: Params,
    paths: Paths,
    generator: str,
    embedder: keras.Model,
    images: np.ndarray,
    names: Sequence[str],
    part: str = "held-out",
) -> Templates:
    """Make and embed templates with one kind of generator, refined as params.yaml says.

    Args:
        images: uint8 (n, h, w, c).
        names: n names of their subjects.
        part: of the evaluation; no two records in different parts share a key, unless all do.
    """
    section, network = params.modality(paths.modality), load_model(paths.generator(generator))
    lock = None
    if len(network.input_shape) == 2:  # codes, not images
        keys = keys_of(params, paths.modality, part, names)
        lock = Lock(components_of(network), keys, params.evaluation.keys.bits)
    return distort(network, embedder, images, section.refinement[generator], lock)
