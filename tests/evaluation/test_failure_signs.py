import numpy as np
import pytest

from masquerade.evaluation import failure_signs as module
from masquerade.evaluation.failure_signs import failure_signs
from masquerade.evaluation.templates import Templates

IMAGES = np.random.default_rng(0).integers(0, 256, (5, 12, 12, 1), dtype=np.uint8)
EMBEDDINGS = np.eye(5, dtype=np.float32)


def signs(templates: np.ndarray) -> dict[str, float]:
    turned = np.roll(EMBEDDINGS, 1, axis=0)
    return failure_signs(IMAGES, Templates(templates.astype(np.uint8), EMBEDDINGS, turned, turned))


def test_one_blank_image_has_no_spread() -> None:
    assert signs(np.full(IMAGES.shape, 77))["spread"] == 0
    assert signs(np.repeat(IMAGES[:1], 5, axis=0))["spread"] == 0  # not blank, but the same for every input


def test_blank_templates_are_flat_not_nan() -> None:
    blank = signs(np.full(IMAGES.shape, 77))

    assert (blank["edge_correlation"], blank["gamma_r2"]) == (0, 0)


def test_spread_is_the_largest_range_of_one_pixel() -> None:
    templates = np.full(IMAGES.shape, 77)
    templates[2, 3, 4] = 128

    assert signs(templates)["spread"] == pytest.approx(51 / 255)


def test_negative_changes_nothing_but_brightness() -> None:
    negative = signs(255 - IMAGES)

    assert negative["gamma_r2"] == pytest.approx(1)
    assert negative["edge_correlation"] == pytest.approx(1)


def test_equal_images_keep_their_edges() -> None:
    equal = signs(IMAGES)

    assert equal["edge_correlation"] == pytest.approx(1)
    assert equal["mse"] == 0


def test_other_images_show_neither_sign() -> None:
    other = signs(np.random.default_rng(1).integers(0, 256, IMAGES.shape))

    assert other["gamma_r2"] < 0.1
    assert abs(other["edge_correlation"]) < 0.3
    assert other["spread"] > 0.5


def test_mse_and_d_emb_are_means_over_the_images() -> None:
    half = signs(np.where(np.arange(5)[:, None, None, None] == 0, 255 - IMAGES, IMAGES))

    assert half["mse"] == pytest.approx(np.mean((255 - 2 * IMAGES[0].astype(float)) ** 2) / 255**2 / 5)
    assert half["d_emb"] == pytest.approx(2)  # orthogonal unit vectors


def test_signs_do_not_depend_on_how_many_images_stand_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    templates = np.random.default_rng(2).integers(0, 256, IMAGES.shape)
    at_once = signs(templates)
    monkeypatch.setattr(module, "TOGETHER", 2)

    assert signs(templates) == pytest.approx(at_once)
