import numpy as np
import pytest
from skimage.metrics import structural_similarity

from masquerade.evaluation.likeness import structural_similarities


@pytest.mark.parametrize("shape", [(4, 12, 12, 1), (3, 28, 28, 1), (2, 30, 41, 3)])
@pytest.mark.parametrize("spread", [0, 0.05, 1])
def test_it_is_what_skimage_says_of_each_pair(shape: tuple[int, ...], spread: float, rng: np.random.Generator) -> None:
    """Of equal images, of alike ones and of noise."""
    a = rng.random(shape, dtype=np.float32)
    b = np.clip(a + spread * rng.standard_normal(shape, dtype=np.float32), 0, 1)

    expected = [structural_similarity(x, y, data_range=1.0, channel_axis=-1) for x, y in zip(a, b, strict=True)]

    np.testing.assert_allclose(structural_similarities(a, b), expected, atol=1e-5)


def test_two_flat_images_by_hand() -> None:
    """No variance: (2·0.2·0.6 + 0.01²) / (0.2² + 0.6² + 0.01²)."""
    a, b = (np.full((1, 9, 9, 1), level, np.float32) for level in (0.2, 0.6))

    assert structural_similarities(a, b) == pytest.approx([0.2401 / 0.4001], abs=1e-4)
