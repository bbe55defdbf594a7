import keras
import numpy as np
import pytest
from keras import layers

from masquerade.distances import NAMES, distance
from masquerade.evaluation.distortion import image_distances
from masquerade.evaluation.templates import Templates
from masquerade.generators.distort import distort

IMAGES = np.random.default_rng(0).integers(0, 256, (70, 12, 12, 1), dtype=np.uint8)


def generator(scale: float, offset: float) -> keras.Model:
    return keras.Sequential([layers.Input((12, 12, 1)), layers.Rescaling(scale, offset)])


def embedder() -> keras.Model:
    """An F whose embedding is the pixels, so that every pixel shows."""
    return keras.Sequential([layers.Input((12, 12, 1)), layers.Flatten()])


def test_templates_are_made_by_g_and_embedded_by_f() -> None:
    """Errata 3: the authors' code enrols the undistorted image in both arms."""
    templates = distort(generator(-1.0, 1.0), embedder(), IMAGES)

    np.testing.assert_array_equal(templates.images, 255 - IMAGES, strict=True)
    np.testing.assert_allclose(templates.real_embeddings, IMAGES.reshape(70, -1) / 255, atol=1e-6)
    np.testing.assert_allclose(templates.template_embeddings, (255 - IMAGES).reshape(70, -1) / 255, atol=1e-6)
    assert not np.allclose(templates.template_embeddings, templates.real_embeddings)


def test_embedding_is_that_of_the_stored_8_bits_not_of_the_floats() -> None:
    network = generator(0.1, 0.0)  # 256 levels fall on 26
    templates = distort(network, embedder(), IMAGES)

    floats = network(IMAGES / np.float32(255)).numpy().reshape(70, -1)
    np.testing.assert_allclose(templates.template_embeddings * 255, np.round(floats * 255), atol=1e-4)
    assert np.abs(templates.template_embeddings - floats).max() > 1 / 255 / 3


def test_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    network, f = generator(0.37, 0.2), embedder()
    whole = distort(network, f, IMAGES)

    monkeypatch.setattr("masquerade.generators.distort.CHUNK", 32)
    chunked = distort(network, f, IMAGES)

    np.testing.assert_array_equal(chunked.images, whole.images)
    np.testing.assert_array_equal(chunked.template_embeddings, whole.template_embeddings)


def test_pixels_are_rounded_to_the_nearest_level() -> None:
    grey = np.full((1, 12, 12, 1), 100, dtype=np.uint8)

    for offset, expected in [(0.4 / 255, 100), (0.6 / 255, 101), (-0.6 / 255, 99), (155 / 255, 255)]:
        assert np.all(distort(generator(1.0, offset), embedder(), grey).images == expected)


def test_identity_leaves_no_distance() -> None:
    templates = distort(generator(1.0, 0.0), embedder(), IMAGES)

    np.testing.assert_array_equal(templates.images, IMAGES)
    table = image_distances(IMAGES, templates, beta=0.5)
    np.testing.assert_allclose(table, np.zeros((70, 7)), atol=1e-6)


def test_table_has_each_distance_of_each_image_to_its_own_template(rng: np.random.Generator) -> None:
    stored = rng.integers(0, 256, IMAGES.shape, dtype=np.uint8)
    vectors = rng.normal(size=(3, 70, 4)).astype(np.float32)

    table = image_distances(IMAGES, Templates(stored, *vectors), beta=0.3)

    assert list(table.columns) == [*NAMES, "d_emb"]
    assert table.index.tolist() == list(range(70))
    np.testing.assert_allclose(table["d_emb"], np.sum((vectors[0] - vectors[1]) ** 2, axis=1), rtol=1e-5)
    difference = np.abs(IMAGES.astype(float) - stored) / 255
    np.testing.assert_allclose(table["hamming"], difference.mean(axis=(1, 2, 3)), rtol=1e-5)
    np.testing.assert_allclose(table["mse"], (difference**2).mean(axis=(1, 2, 3)), rtol=1e-5)
    # Eq. 17 takes the edges of the real image, Eq. 18 the beta of the parameters.
    x, t = IMAGES[66:67] / np.float32(255), stored[66:67] / np.float32(255)
    assert table["sobel"][66] == np.float32(distance("sobel", 0)(t, x)[0])
    np.testing.assert_allclose(table["combined"], 0.3 * table["hamming"] + 0.7 * table["sobel"], rtol=1e-5)
