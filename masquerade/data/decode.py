"""Image files to square uint8 arrays, on all cores."""

import io
import os
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from operator import itemgetter

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from tqdm import tqdm

from masquerade.errors import InputError

Crop = tuple[int, int, int, int]


def decode(name: str, data: bytes, size: int, crop: Crop | None = None) -> np.ndarray:
    """Decode one picture to uint8 (size, size, c): c is 1 for a grey file, else 3.

    Args:
        name: what an error calls the picture.
        crop: top, bottom, left, right in pixels; rows or columns beyond the edge repeat it. None: the largest
            square in the middle.

    Raises:
        InputError: the picture is corrupt, truncated or of no known format.
    """
    try:
        with Image.open(io.BytesIO(data)) as file:
            if file.mode.startswith(("I", "F")):
                raise ValueError(f"its pixels have more than 8 bits (mode {file.mode}), which would be cut off")
            picture = file.convert("L" if file.mode in ("1", "L", "LA") else "RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InputError(f"{name}: is not a readable picture: {error}") from error
    if crop is None:
        side = min(picture.size)
        picture = ImageOps.fit(picture, (side, side))
    else:
        top, bottom, left, right = crop
        rows = np.arange(top, bottom).clip(0, picture.height - 1)
        columns = np.arange(left, right).clip(0, picture.width - 1)
        picture = Image.fromarray(np.asarray(picture)[rows][:, columns])
    pixels = np.asarray(picture.resize((size, size), Image.Resampling.BICUBIC))
    return pixels.reshape(size, size, -1)


def decode_all(files: Iterable[tuple[str, bytes]], size: int, crop: Crop | None = None) -> tuple[list[str], np.ndarray]:
    """Decode (path, content) pairs with a progress bar.

    Returns:
        The paths in sorted order and the pictures in the same order, uint8 (n, size, size, c). Grey pictures among
        coloured ones are given three equal channels.
    """
    workers = os.cpu_count() or 1
    decoded: list[tuple[str, np.ndarray]] = []
    # Pictures are decoded while the archive is read, but only so many wait: map() would hold all of its files at once.
    waiting: deque[tuple[str, Future[np.ndarray]]] = deque()
    with ThreadPoolExecutor(workers) as pool, tqdm(desc="reading pictures", unit=" pictures") as bar:

        def finish_first() -> None:
            path, picture = waiting.popleft()
            decoded.append((path, picture.result()))
            bar.update()

        for path, content in files:
            waiting.append((path, pool.submit(decode, path, content, size, crop)))
            if len(waiting) > 64 * workers:
                finish_first()
        while waiting:
            finish_first()
    decoded.sort(key=itemgetter(0))
    channels = max((array.shape[2] for _, array in decoded), default=1)
    images = np.empty((len(decoded), size, size, channels), dtype=np.uint8)
    paths = [path for path, _ in decoded]
    for image in images[::-1]:
        image[:] = decoded.pop()[1]  # freed as it is copied
    return paths, images
