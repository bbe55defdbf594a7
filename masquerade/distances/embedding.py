"""Embedding distance, Eq. 1 and 10."""

from keras import KerasTensor, ops


def embedding_distance(a: KerasTensor, b: KerasTensor) -> KerasTensor:
    """Squared Euclidean distance, d_F and d_emb.

    Args:
        a, b: (n, m) unit vectors.

    Returns:
        (n,) in [0, 4].
    """
    return ops.sum(ops.square(a - b), axis=-1)
