"""MNIST: 60,000 training and 10,000 test digits of 28×28 pixels."""

import gzip
import hashlib
import struct
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from masquerade.data.pictures import Pictures, with_names
from masquerade.errors import InputError

FILES = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}
"""The four files and the published md5 of their uncompressed content."""

LARGEST = 16 + 60_000 * 28 * 28
"""Bytes of the largest of them; nothing is read beyond it."""


def read(source: Path | None, size: int) -> Pictures:
    """Read all digits from a folder with the four idx files (.gz or not), or from Keras' download.

    Raises:
        InputError: a file is missing, truncated or not the published one; the download failed.
    """
    if source is None:
        train_images, train_labels, test_images, test_labels = _download()
    else:
        train_images, train_labels, test_images, test_labels = (_read_idx(source, name) for name in FILES)
    digits = as_pictures(np.concatenate([train_images, test_images]), np.concatenate([train_labels, test_labels]), size)
    return replace(digits, official_test=np.arange(len(digits)) >= len(train_images))


def as_pictures(images: np.ndarray, labels: np.ndarray, size: int) -> Pictures:
    """Wrap uint8 (n, h, w) digits, each its own subject because nobody recorded who wrote mnist5k's."""
    if images.shape[1:] != (size, size):
        images = np.stack([np.asarray(Image.fromarray(image).resize((size, size))) for image in images])
    return with_names(images[..., None], [str(label) for label in labels], by_picture=True)


def _download() -> tuple[np.ndarray, ...]:
    from keras.datasets import mnist

    try:
        (train_images, train_labels), (test_images, test_labels) = mnist.load_data()
    except Exception as error:  # Keras raises a bare Exception for a failed download or checksum
        raise InputError(
            f"MNIST cannot be downloaded ({error}); set digits.source to a folder with the four idx files, "
            "or digits.dataset=mnist5k"
        ) from error
    return train_images, train_labels, test_images, test_labels


def _read_idx(folder: Path, name: str) -> np.ndarray:
    file = folder / name
    try:
        if not file.is_file():
            file = folder / f"{name}.gz"
        if not file.is_file():
            raise InputError(f"{folder}: neither {name} nor {name}.gz is there")
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as stream:
            content = stream.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{file}: cannot be read: {error}") from error
    if hashlib.md5(content, usedforsecurity=False).hexdigest() != FILES[name]:
        raise InputError(f"{file}: is not the published file (its md5 is not {FILES[name]})")
    # idx: two zero bytes, the type (8: unsigned byte), the number of axes, each axis as a big-endian integer.
    axes = content[3]
    shape = struct.unpack(f">{axes}I", content[4 : 4 + 4 * axes])
    return np.frombuffer(content, dtype=np.uint8, offset=4 + 4 * axes).reshape(shape)
