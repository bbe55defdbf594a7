from pathlib import Path

import numpy as np
import pytest
from fixture_types import Run
from PIL import Image
from repository import ROOT
from ruamel.yaml import YAML

from masquerade.data.image_set import ImageSet


@pytest.mark.slow
def test_download_takes_the_crop_and_says_what_it_left_out(run: Run, empty: Path, rng: np.random.Generator) -> None:
    source = empty / "people"
    for person in ("a", "b"):
        (source / person).mkdir(parents=True)
        for number in range(2):
            pixels = rng.integers(0, 256, (112, 92), dtype=np.uint8)
            Image.fromarray(pixels).save(source / person / f"{person}_{number}.png")
    (source / "readme.txt").touch()
    yaml = YAML()
    params = yaml.load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    params["faces"] |= {"dataset": "folder", "source": str(source), "crop": [40, 72, 30, 62], "image_size": 32}
    with (empty / "params.yaml").open("w", encoding="utf-8") as stream:
        yaml.dump(params, stream)

    result = run("download", "--modality", "faces")

    assert result.exit_code == 0, result.output
    assert "skipped: 1 .txt (unsupported format)\n" in result.stdout
    image_set = ImageSet.load(empty / "data/faces/images.npz")
    first = next(path for path in sorted(source.rglob("*.png")))
    assert image_set.files[0] == first.stem
    with Image.open(first) as image:
        np.testing.assert_array_equal(image_set.images[0, ..., 0], np.asarray(image)[40:72, 30:62])
