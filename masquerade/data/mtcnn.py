"""MTCNN (Zhang et al., 2016), a face detector whose weights come with its package."""

from functools import cache
from typing import TYPE_CHECKING

from masquerade.errors import InputError

if TYPE_CHECKING:
    from mtcnn import MTCNN


def load_mtcnn(otherwise: str) -> "MTCNN":
    """Load the detector.

    Args:
        otherwise: what people can do without it, in the error.

    Raises:
        InputError: the backend of Keras is not TensorFlow, the only one that mtcnn supports.
    """
    import keras  # slow to import; only some modalities have a detector

    if keras.backend.backend() != "tensorflow":
        backend = keras.backend.backend()
        raise InputError(f"mtcnn needs TensorFlow: {otherwise}, or run this without KERAS_BACKEND={backend}")
    return _loaded()


@cache
def _loaded() -> "MTCNN":
    from mtcnn import MTCNN

    return MTCNN(device="CPU:0")
