"""The three flows of Fig. 4: what is stored, what is compared, and what that costs.

Cancelable: the probe is distorted like the template, and the two are compared. Encryption: the image is stored
encrypted, decrypted for each comparison, and compared as it is. Direct: the plain probe is compared with the template.
"""

import io
import os
import time
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from PIL import Image

from masquerade.evaluation.arms import REAL
from masquerade.evaluation.likeness import pixel_vectors
from masquerade.evaluation.pairs import compare
from masquerade.evaluation.templates import Templates

NONCE = 12
"""Bytes before the ciphertext, new for every image (NIST SP 800-38D)."""


def png(image: np.ndarray) -> bytes:
    """Return an image, uint8 (h, w, c), as it would be stored."""
    buffer = io.BytesIO()
    Image.fromarray(image.squeeze()).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def encrypt(content: bytes, key: bytes) -> bytes:
    """Encrypt with AES-GCM: the nonce, then the ciphertext with its tag."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, content, None)


def decrypt(content: bytes, key: bytes) -> bytes:
    """Undo :func:`encrypt`.

    Raises:
        cryptography.exceptions.InvalidTag: the key is wrong, or the content has been changed.
    """
    return AESGCM(key).decrypt(content[:NONCE], content[NONCE:], None)


def flows(
    images: np.ndarray, labels: np.ndarray, subjects: np.ndarray, stored: Mapping[str, Templates], keyed: set[str]
) -> pd.DataFrame:
    """Measure every flow.

    Args:
        images: uint8 (n, h, w, c).
        labels, subjects: int (n,).
        stored: templates of these images by generator.
        keyed: the generators with keys. The cancelable flow would need a template for each pair of a probe and a key,
            so its pixels are not compared.

    Returns:
        ``eer`` and ``bytes`` of a record, a row for each ``flow``, ``generator`` and what is ``compared``.
    """
    key = AESGCM.generate_key(256)
    real = next(iter(stored.values())).real_embeddings
    rows: dict[tuple[str, str, str], tuple[float, float]] = {}

    def add(flow: str, generator: str, compared: str, probes: np.ndarray, enrolled: np.ndarray, size: float) -> None:
        rows[flow, generator, compared] = (compare(probes, enrolled, labels, subjects).rates.eer, size)

    encrypted = float(np.mean([len(encrypt(png(image), key)) for image in images]))
    add("encryption", REAL, "F", real, real, encrypted)
    for name, its in stored.items():
        size = float(np.mean([len(png(image)) for image in its.images]))
        if name not in keyed:
            pixels = pixel_vectors(its.images)
            add("cancelable", name, "pixels", pixels, pixels, size)
        add("cancelable", name, "F", its.template_embeddings, its.template_embeddings, size)
        add("direct", name, "F", real, its.template_embeddings, size)
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["eer", "bytes"])
    table.index = pd.MultiIndex.from_tuples(table.index, names=["flow", "generator", "compared"])
    return table.sort_index(level="flow", sort_remaining=False)


def milliseconds(task: Callable[[], object], repeats: int = 20) -> float:
    """Return the median time that a task takes, after a first run that does not count."""
    task()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        task()
        times.append(time.perf_counter() - start)
    return 1000 * float(np.median(times))
