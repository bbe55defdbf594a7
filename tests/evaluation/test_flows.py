import io

import numpy as np
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from fixture_types import UnitVectors
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from masquerade.evaluation.flows import decrypt, encrypt, flows, milliseconds, png
from masquerade.evaluation.pairs import compare
from masquerade.evaluation.templates import Templates

KEY = bytes(range(32))
LABELS = np.arange(80) // 8


@given(st.binary(max_size=200))
def test_what_was_encrypted_comes_back(content: bytes) -> None:
    hidden = encrypt(content, KEY)

    assert decrypt(hidden, KEY) == content
    assert len(hidden) == len(content) + 12 + 16  # nonce and tag
    assert hidden != encrypt(content, KEY)  # another nonce


@pytest.mark.parametrize("place", [0, 12, -1])
def test_changed_content_and_another_key_are_refused(place: int) -> None:
    hidden = bytearray(encrypt(b"image", KEY))
    hidden[place] ^= 1

    with pytest.raises(InvalidTag):
        decrypt(bytes(hidden), KEY)
    with pytest.raises(InvalidTag):
        decrypt(encrypt(b"image", KEY), AESGCM.generate_key(256))


def test_png_keeps_every_pixel(rng: np.random.Generator) -> None:
    image = rng.integers(0, 256, (8, 8, 1), dtype=np.uint8)

    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(png(image)))), image[..., 0])


def test_every_flow_compares_what_it_stores(unit_vectors: UnitVectors, rng: np.random.Generator) -> None:
    """The EER of each flow is that of its own vectors; templates of noise are no use to a cancelable flow by pixels."""
    real, template = unit_vectors(LABELS), unit_vectors(LABELS, 0.8, seed=1)
    images = rng.integers(0, 256, (80, 8, 8, 1), dtype=np.uint8)
    its = Templates(images, real, template, template)

    table = flows(images, LABELS, LABELS, {"plain": its, "locked": its}, keyed={"locked"})["eer"]

    assert list(table.index) == [
        ("cancelable", "plain", "pixels"),
        ("cancelable", "plain", "F"),
        ("cancelable", "locked", "F"),
        ("direct", "plain", "F"),
        ("direct", "locked", "F"),
        ("encryption", "real", "F"),
    ]
    assert table["encryption", "real", "F"] == compare(real, real, LABELS, LABELS).rates.eer
    assert table["direct", "locked", "F"] == compare(real, template, LABELS, LABELS).rates.eer
    assert table["cancelable", "plain", "F"] == compare(template, template, LABELS, LABELS).rates.eer
    assert table["cancelable", "plain", "pixels"] == pytest.approx(0.5, abs=0.1)


def test_first_run_of_a_task_does_not_count() -> None:
    runs: list[int] = []

    assert milliseconds(lambda: runs.append(1), repeats=5) >= 0
    assert len(runs) == 6
