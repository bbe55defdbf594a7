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

HELD = 0.99
"""Share of the variance that ``auto`` keeps. What is left out moves a unit vector by d_emb ≈ 0.01 on average, about as
much as the painting does. More components would have to be painted where F hardly reaches."""


def derive(
    source: keras.Model, vectors: np.ndarray, train: ImageSet, settings: Settings
) -> tuple[keras.Model, pd.DataFrame]:
    """Put a lock before the veiled decoder as it is; see :class:`masquerade.generators.base.Derive`."""
    count = enough(variances_of(vectors)) if settings.components == "auto" else settings.components
    components = Components.fit(vectors, count, settings.whitening)
    table = choices(vectors, train, count, settings.whitening)
    table.attrs = {"components": count, **table.loc[count].to_dict()}
    return keyed_generator(source, components), table


def keyed_generator(veiled: keras.Model, components: Components) -> keras.Model:
    """Build G, codes R·s/‖s‖ (n, k) → templates (n, h, w, c) in [0, 1]."""
    codes = layers.Input((len(components.scales),), name="codes")
    dense = layers.Dense(components.kernel.shape[1], use_bias=False, trainable=False, name=LAYER)
    locked = layers.UnitNormalization()(dense(codes))
    dense.set_weights([components.kernel])
    return keras.Model(codes, veiled.get_layer("veil")(locked)["template"], name="generator")


def variances_of(vectors: np.ndarray) -> np.ndarray:
    """Return the variances (m,) of embeddings (n, m) along their principal components, the largest first."""
    return np.linalg.eigvalsh(np.cov(vectors.astype(np.float64), rowvar=False))[::-1]


def filled(variances: np.ndarray) -> int:
    """Return how many of the components (m,) carry any variance."""
    return int(np.sum(variances > 1e-9 * variances[0]))


def enough(variances: np.ndarray) -> int:
    """Return the smallest number of components, at least two if there are, that hold :data:`HELD` of the variance."""
    held = variances.cumsum()
    return min(max(int(np.searchsorted(held, HELD * held[-1])) + 1, 2), filled(variances))


def choices(vectors: np.ndarray, train: ImageSet, chosen: int, whitening: float) -> pd.DataFrame:
    """Show what numbers of components keep, also the chosen one: a row for each, ``components``.

    Returns:
        ``variance``, the share of the embeddings' variance, and ``eer``, of training images against each other where
        one of the two has passed through the lock and back, before anything is painted.
    """
    variances = variances_of(vectors)
    rows = {}
    for count in sorted({*(count for count in TRIED if count <= filled(variances)), chosen}):
        space = Components.fit(vectors, count, whitening)
        passed = space.vectors(space.codes(vectors))
        eer = compare(vectors, passed, train.labels, train.subjects).rates.eer
        rows[count] = {"variance": variances[:count].sum() / variances.sum(), "eer": eer}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("components")
