import keras
import numpy as np
import pytest

from masquerade.embedders.centring import centre
from masquerade.embedders.dense import dense


@pytest.fixture
def images(rng: np.random.Generator) -> np.ndarray:
    return rng.random((50, 8, 8, 1)).astype("float32")


def test_training_embeddings_have_mean_zero_before_and_length_one_after_normalisation(images: np.ndarray) -> None:
    network = dense((8, 8, 1), 16, 4)
    raw = network.predict(images, verbose=0)
    assert np.linalg.norm(raw.mean(axis=0)) > 0.3  # random networks crowd into a cone (errata 14)

    embedder = centre(network, raw.mean(axis=0))

    centred = keras.Model(embedder.input, embedder.get_layer("centre").output).predict(images, verbose=0)
    np.testing.assert_allclose(centred.mean(axis=0), np.zeros(4), atol=1e-6)
    vectors = embedder.predict(images, verbose=0)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), np.ones(50), rtol=1e-5)
    np.testing.assert_allclose(vectors, centred / np.linalg.norm(centred, axis=1, keepdims=True), atol=1e-5)


def test_embedder_is_frozen(images: np.ndarray) -> None:
    embedder = centre(dense((8, 8, 1), 16, 4), np.zeros(4))

    assert embedder.trainable_variables == []
