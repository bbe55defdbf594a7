"""MNIST: 60,000 training and 10,000 test digits of 28×28 pixels."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from masquerade.data import idx
from masquerade.data.image_set import ImageSet
from masquerade.errors import InputError

FILES = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}
"""The four files and the published md5 of their uncompressed content."""


def read(source: Path | None, size: int) -> ImageSet:
    """Read all digits from a folder with the four idx files (.gz or not), or from Keras' download.

    Raises:
        InputError: a file is missing, truncated or not the published one; the download failed.
    """
    return idx.joined(_download() if source is None else idx.read_files(source, FILES), size)


def _download() -> Sequence[np.ndarray]:
    from keras.datasets import mnist

    try:
        (train_images, train_labels), (test_images, test_labels) = mnist.load_data()
    except Exception as error:  # Keras raises a bare Exception for a failed download or checksum
        raise InputError(
            f"MNIST cannot be downloaded ({error}); set source to a folder with the four idx files, or dataset=mnist5k"
        ) from error
    return train_images, train_labels, test_images, test_labels
