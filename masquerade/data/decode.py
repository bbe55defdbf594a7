"""Decode image files to square uint8 arrays, on all cores."""

import io
import os
import warnings
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from operator import itemgetter

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from tqdm import tqdm

from masquerade.errors import InputError

Crop = tuple[int, int, int, int]

MEGAPIXELS = 50.0
"""Largest image that is read by default: what phone cameras make."""

warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)  # decode has its own limit


def decode(
    name: str, data: bytes, size: int, crop: Crop | None = None, max_megapixels: float = MEGAPIXELS
) -> np.ndarray:
    """Decode one image to uint8 (size, size, c), turned as its EXIF says; c is 1 for a grey file, else 3.

    The largest square in the middle of the image, or of the crop, is kept.

    Args:
        name: name of the image in errors.
        crop: top, bottom, left, right in pixels of the turned image; beyond the edge, the border is repeated.

    Raises:
        InputError: the image is corrupt, truncated, of no known format or too large, or the crop lies outside it.
    """
    try:
        with Image.open(io.BytesIO(data)) as file:
            file.verify()  # the checksums of a .png, which decoding skips
        with Image.open(io.BytesIO(data)) as file:
            if file.mode.startswith(("I", "F")):
                raise ValueError(f"its pixels have more than 8 bits (mode {file.mode}), which would be cut off")
            if file.width * file.height > 1e6 * max_megapixels:
                raise ValueError(
                    f"it has {file.width}×{file.height} pixels, more than max_megapixels = {max_megapixels:g}"
                )
            image = ImageOps.exif_transpose(file).convert("L" if file.mode in ("1", "L", "LA") else "RGB")
        if crop is not None:
            image = _cropped(image, crop)
    except UnidentifiedImageError as error:
        raise InputError(
            f"{name}: is not a readable image: it is {'of no known format' if data else 'empty'}"
        ) from error
    except Exception as error:  # damage makes Pillow raise anything: struct.error, IndexError, KeyError, …
        raise InputError(f"{name}: is not a readable image: {' '.join(str(error).split())}") from error
    side = min(image.size)
    image = ImageOps.fit(image, (side, side))
    return np.asarray(image.resize((size, size), Image.Resampling.BICUBIC)).reshape(size, size, -1)


def _cropped(image: Image.Image, crop: Crop) -> Image.Image:
    top, bottom, left, right = crop
    if top >= image.height or bottom <= 0 or left >= image.width or right <= 0:
        raise ValueError(f"the crop {crop} lies outside its {image.width}×{image.height} pixels")
    rows = np.arange(top, bottom).clip(0, image.height - 1)
    columns = np.arange(left, right).clip(0, image.width - 1)
    return Image.fromarray(np.asarray(image)[rows][:, columns])


def decode_all(
    files: Iterable[tuple[str, bytes]], size: int, crop: Crop | None = None, max_megapixels: float = MEGAPIXELS
) -> tuple[list[str], np.ndarray]:
    """Decode (path, content) pairs with a progress bar.

    Returns:
        The paths in sorted order and the images in the same order, uint8 (n, size, size, c). Grey images among
        coloured ones are given three equal channels.
    """
    workers = os.cpu_count() or 1
    decoded: list[tuple[str, np.ndarray]] = []
    # Images are decoded while the archive is read. The queue is bounded: map() would hold all files at once.
    waiting: deque[tuple[str, Future[np.ndarray]]] = deque()
    with ThreadPoolExecutor(workers) as pool, tqdm(desc="reading images", unit=" images") as bar:

        def finish_first() -> None:
            path, image = waiting.popleft()
            decoded.append((path, image.result()))
            bar.update()

        for path, content in files:
            waiting.append((path, pool.submit(decode, path, content, size, crop, max_megapixels)))
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
