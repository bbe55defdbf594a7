from pathlib import Path

import numpy as np
from PIL import Image

from masquerade.figures.palette import reduce_colours


def test_few_colours_stay_what_they_are(tmp_path: Path) -> None:
    """A white page with 200 coloured lines."""
    pixels = np.full((300, 300, 3), 255, np.uint8)
    pixels[50:250] = np.random.default_rng(0).integers(0, 256, (200, 1, 3))
    Image.fromarray(pixels).save(tmp_path / "a.png")
    before = (tmp_path / "a.png").stat().st_size

    reduce_colours(tmp_path / "a.png")

    with Image.open(tmp_path / "a.png") as image:
        np.testing.assert_array_equal(np.asarray(image.convert("RGB")), pixels)
    assert (tmp_path / "a.png").stat().st_size < before


def test_many_colours_are_hardly_another(tmp_path: Path) -> None:
    """A gradient of 512 greys and reds: on average not two of 255 levels off."""
    ramp = np.linspace(0, 255, 512).astype(np.uint8)
    pixels = np.stack([ramp, ramp // 2, ramp // 3], axis=-1)[None].repeat(20, axis=0)
    Image.fromarray(pixels).save(tmp_path / "a.png")

    reduce_colours(tmp_path / "a.png")

    with Image.open(tmp_path / "a.png") as image:
        few = np.asarray(image.convert("RGB"))
    assert np.abs(few.astype(int) - pixels).mean() < 2
    assert len(np.unique(few.reshape(-1, 3), axis=0)) <= 256
