"""Images moved, turned, zoomed and mirrored at random, to train the judge."""

import numpy as np


def moved(
    images: np.ndarray, shift: float, turn: float, zoom: float, mirror: bool, rng: np.random.Generator
) -> np.ndarray:
    """Transform every image by its own affine map, bilinear, with the border repeated.

    Args:
        images: float32 (n, h, w, c).
        shift: largest movement along each axis, as a share of the side.
        turn: largest rotation about the centre, as a share of a full circle.
        zoom: largest change of size, as a share.
        mirror: half of the images are mirrored left to right.
    """
    n, height, width, channels = images.shape
    angles, factors = 2 * np.pi * rng.uniform(-turn, turn, n), 1 + rng.uniform(-zoom, zoom, n)
    centre = (np.array([height, width]) - 1) / 2
    shifts = rng.uniform(-shift, shift, (n, 2)) * [height, width] + centre
    flips = np.where((rng.random(n) < 0.5) & mirror, -1, 1)

    def each(values: np.ndarray) -> np.ndarray:
        return values.astype(np.float32)[:, None, None]

    down = (np.arange(height) - centre[0]).astype(np.float32)[:, None]
    right = each(flips) * (np.arange(width) - centre[1]).astype(np.float32)
    cosines, sines = each(np.cos(angles) * factors), each(np.sin(angles) * factors)
    rows = np.clip(cosines * down - sines * right + each(shifts[:, 0]), 0, height - 1)
    columns = np.clip(sines * down + cosines * right + each(shifts[:, 1]), 0, width - 1)

    above, left = np.minimum(rows.astype(np.int32), height - 2), np.minimum(columns.astype(np.int32), width - 2)
    # In NumPy float32 minus int32 is float64
    below_share, right_share = ((a - b)[..., None].astype(np.float32) for a, b in ((rows, above), (columns, left)))
    pixels = images.reshape(n * height * width, channels)
    corner = (np.arange(n, dtype=np.int32)[:, None, None] * height + above) * width + left
    top = pixels[corner] + (pixels[corner + 1] - pixels[corner]) * right_share
    bottom = pixels[corner + width] + (pixels[corner + width + 1] - pixels[corner + width]) * right_share
    return top + (bottom - top) * below_share
