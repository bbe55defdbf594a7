"""Four idx files: the format of MNIST, Fashion-MNIST, KMNIST and EMNIST."""

import gzip
import hashlib
import math
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from masquerade.data.image_set import ImageSet, with_names
from masquerade.errors import InputError

FILES = {
    "train-images-idx3-ubyte": 3,
    "train-labels-idx1-ubyte": 1,
    "t10k-images-idx3-ubyte": 3,
    "t10k-labels-idx1-ubyte": 1,
}
"""Endings of the file names without .gz (EMNIST has test for t10k), and the number of axes of each file."""

LARGEST = 1 << 30
"""Largest number of bytes in a file; EMNIST's largest has 547 million."""


def read(source: Path | None, size: int) -> ImageSet:
    """Read a folder with the four files; labels are the class names, and every image is its own subject.

    EMNIST stores its images on their side; they are read as they are.

    Raises:
        InputError: there is no folder, or a file is missing, damaged or does not fit the others.
    """
    if source is None:
        raise InputError("source: must be a folder with four idx files for dataset idx")
    return joined(read_files(source), size)


def read_files(folder: Path, md5: Mapping[str, str] | None = None) -> list[np.ndarray]:
    """Read the four files of a folder: training images uint8 (n, h, w) and labels (n,), test images and labels.

    Args:
        md5: expected checksum of each file's uncompressed content; None accepts any.

    Raises:
        InputError: as :func:`read`.
    """
    arrays = [_read_file(_find(folder, name), name, (md5 or {}).get(name)) for name in FILES]
    for images, labels, name in zip(arrays[::2], arrays[1::2], list(FILES)[::2], strict=True):
        if len(images) != len(labels) or not len(images):
            raise InputError(f"{folder}: {name} has {len(images)} images, but there are {len(labels)} labels")
    if arrays[0].shape[1:] != arrays[2].shape[1:] or len(set(arrays[0].shape[1:])) > 1:
        shapes = " and ".join(f"{height}×{width}" for _, height, width in (arrays[0].shape, arrays[2].shape))
        raise InputError(f"{folder}: all images must be squares of one size, not {shapes} pixels")
    return arrays


def joined(parts: Sequence[np.ndarray], size: int) -> ImageSet:
    """Make one image set of training and test images, ``parts`` as :func:`read_files` returns them."""
    train_images, train_labels, test_images, test_labels = parts
    images, labels = np.concatenate([train_images, test_images]), np.concatenate([train_labels, test_labels])
    image_set = as_image_set(images, labels, size)
    return replace(image_set, official_test=np.arange(len(image_set)) >= len(train_images))


def as_image_set(images: np.ndarray, labels: np.ndarray, size: int) -> ImageSet:
    """Make an image set of grey images, uint8 (n, h, w); each is its own subject, as the writers are unknown."""
    if images.shape[1:] != (size, size):
        images = np.stack([np.asarray(Image.fromarray(image).resize((size, size))) for image in images])
    return with_names(images[..., None], [str(label) for label in labels], by_image=True)


def _find(folder: Path, name: str) -> Path:
    patterns = {f"*{alias}{suffix}" for alias in (name, name.replace("t10k", "test")) for suffix in ("", ".gz")}
    found = sorted({file for pattern in patterns for file in folder.glob(pattern)})
    if not found:
        raise InputError(f"{folder}: neither {name} nor {name}.gz is there")
    if len(found) > 1:
        raise InputError(f"{folder}: several files could be {name}: {', '.join(file.name for file in found)}")
    return found[0]


def _read_file(file: Path, name: str, md5: str | None) -> np.ndarray:
    # Two zero bytes, the type (8: unsigned byte), the number of axes, each axis as a big-endian integer
    axes = FILES[name]
    try:
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as stream:
            header = stream.read(4 + 4 * axes)
            if header[:4] != bytes([0, 0, 8, axes]) or len(header) < 4 + 4 * axes:
                raise InputError(f"{file}: is not an idx file of bytes with {axes} axes")
            shape = struct.unpack(f">{axes}I", header[4:])
            if math.prod(shape) > LARGEST:
                raise InputError(f"{file}: {math.prod(shape):,} bytes are more than {LARGEST:,}")
            content = stream.read(math.prod(shape) + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{file}: cannot be read: {error}") from error
    if len(content) != math.prod(shape):
        found = "fewer" if len(content) < math.prod(shape) else "more"
        raise InputError(f"{file}: has {found} bytes than the {math.prod(shape):,} its header says")
    if md5 is not None and hashlib.md5(header + content, usedforsecurity=False).hexdigest() != md5:
        raise InputError(f"{file}: is not the published file (its md5 is not {md5})")
    return np.frombuffer(content, dtype=np.uint8).reshape(shape)
