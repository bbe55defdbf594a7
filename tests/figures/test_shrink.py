from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from masquerade.figures.shrink import main, shrink


def rgba(rng: np.random.Generator, grey: bool, alpha: int) -> np.ndarray:
    colours = rng.integers(0, 256, (40, 30, 1 if grey else 3), dtype=np.uint8)
    return np.concatenate([np.broadcast_to(colours, (40, 30, 3)), np.full((40, 30, 1), alpha, dtype=np.uint8)], axis=-1)


@pytest.mark.parametrize(
    ("grey", "alpha", "mode"), [(True, 255, "L"), (False, 255, "RGB"), (True, 254, "RGBA"), (False, 254, "RGBA")]
)
def test_every_pixel_stays_in_fewer_channels(
    tmp_path: Path, rng: np.random.Generator, grey: bool, alpha: int, mode: str
) -> None:
    pixels, source, target = rgba(rng, grey, alpha), tmp_path / "source.png", tmp_path / "new" / "target.png"
    Image.fromarray(pixels).save(source)

    shrink(source, target)

    with Image.open(target) as image:
        assert image.mode == mode
        np.testing.assert_array_equal(np.asarray(image.convert("RGBA")), pixels)
    assert target.stat().st_size <= source.stat().st_size
    if alpha == 255:
        assert target.stat().st_size < 0.9 * source.stat().st_size


def test_one_pixel_of_colour_is_colour(tmp_path: Path) -> None:
    pixels = np.full((8, 8, 3), 100, dtype=np.uint8)
    pixels[7, 7, 2] = 101
    Image.fromarray(pixels).save(tmp_path / "a.png")

    assert CliRunner().invoke(main, [str(tmp_path / "a.png"), str(tmp_path / "b.png")]).exit_code == 0

    with Image.open(tmp_path / "b.png") as image:
        np.testing.assert_array_equal(np.asarray(image), pixels)


def test_a_file_shrinks_in_its_own_place_and_only_once(tmp_path: Path, rng: np.random.Generator) -> None:
    file = tmp_path / "a.png"
    Image.fromarray(rgba(rng, True, 255)).save(file)

    shrink(file, file)
    once = file.read_bytes()
    shrink(file, file)

    assert file.read_bytes() == once
