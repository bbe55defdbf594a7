"""The keyed generator: codes that a key has rotated, in the place of the embeddings that the veiled decoder knows."""

import keras
import numpy as np
import pandas as pd
from keras import layers

from masquerade.data.image_set import ImageSet
from masquerade.evaluation.pairs import compare
from masquerade.generators.keyed.params import Settings
from masquerade.lock import LAYER, Components

TRIED = (4, 8, 16, 32, 48, 64, 96, 128, 192, 256, 384, 512)
"""Numbers of components in the table."""


def derive(
    source: keras.Model, vectors: np.ndarray, train: ImageSet, settings: Settings
) -> tuple[keras.Model, pd.DataFrame]:
    """Put a lock before the veiled decoder as it is; see :class:`masquerade.generators.base.Derive`."""
    components = Components.fit(vectors, settings.components, settings.whitening)
    table = choices(vectors, train, settings)
    table.attrs = {"components": settings.components, **table.loc[settings.components].to_dict()}
    return keyed_generator(source, components), table


def keyed_generator(veiled: keras.Model, components: Components) -> keras.Model:
    """Build G, codes R·s/‖s‖ (n, k) → templates (n, h, w, c) in [0, 1]."""
    codes = layers.Input((len(components.scales),), name="codes")
    dense = layers.Dense(components.kernel.shape[1], use_bias=False, trainable=False, name=LAYER)
    locked = layers.UnitNormalization()(dense(codes))
    dense.set_weights([components.kernel])
    return keras.Model(codes, veiled.get_layer("veil")(locked)["template"], name="generator")


def choices(vectors: np.ndarray, train: ImageSet, settings: Settings) -> pd.DataFrame:
    """Show what numbers of components keep: a row for each, ``components``.

    Returns:
        ``variance``, the share of the embeddings' variance, and ``eer``, of training images against each other where
        one of the two has passed through the lock and back, before anything is painted.
    """
    variances = np.linalg.eigvalsh(np.cov(vectors.astype(np.float64), rowvar=False))[::-1]
    rank = int(np.sum(variances > 1e-9 * variances[0]))
    rows = {}
    for count in sorted({*(count for count in TRIED if count <= rank), settings.components}):
        space = Components.fit(vectors, count, settings.whitening)
        passed = space.vectors(space.codes(vectors))
        eer = compare(vectors, passed, train.labels, train.subjects).rates.eer
        rows[count] = {"variance": variances[:count].sum() / variances.sum(), "eer": eer}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("components")
