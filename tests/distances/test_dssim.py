import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from masquerade.distances import distance

metrics = pytest.importorskip("skimage.metrics")


def reference(x: np.ndarray, y: np.ndarray) -> float:
    """Eq. 14 by scikit-image, which leaves out the border the windows do not fit in too."""
    ssim = metrics.structural_similarity(
        x.astype("float64"),
        y.astype("float64"),
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        data_range=1,
        channel_axis=-1,
    )
    return (1 - ssim) / 2


@pytest.mark.parametrize("channels", [1, 3])
def test_eq_14_agrees_with_scikit_image(rng: np.random.Generator, channels: int) -> None:
    x = rng.random((4, 20, 17, channels)).astype("float32")
    y = np.stack([x[0], 1 - x[1], np.clip(x[2] + 0.1, 0, 1), rng.random(x[3].shape)]).astype("float32")

    expected = [reference(a, b) for a, b in zip(x, y, strict=True)]

    np.testing.assert_allclose(distance("dssim")(y, x), expected, atol=2e-5)


def test_flat_images_by_hand() -> None:
    # Without variance SSIM is (2·0.2·0.8 + 0.0001) / (0.04 + 0.64 + 0.0001).
    x, y = np.full((1, 16, 16, 1), 0.2, dtype="float32"), np.full((1, 16, 16, 1), 0.8, dtype="float32")

    np.testing.assert_allclose(distance("dssim")(x, y), [(1 - 0.3201 / 0.6801) / 2], atol=1e-3)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), sharpness=st.floats(0.1, 50))
def test_range_is_0_to_1_even_for_negatives(seed: int, sharpness: float) -> None:
    x = np.random.default_rng(seed).normal(size=(1, 13, 13, 1)) * sharpness
    x = (1 / (1 + np.exp(-x))).astype("float32")

    measured = float(distance("dssim")(1 - x, x)[0])

    assert 0 <= measured <= 1
