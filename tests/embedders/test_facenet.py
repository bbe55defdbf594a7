import hashlib
import importlib
import io
import sys
import urllib.error
import urllib.request
import zipfile
from email.message import Message
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
import tensorflow as tf

from masquerade.embedders.facenet import network as facenet_network
from masquerade.embedders.facenet import weights_file
from masquerade.errors import InputError

pytestmark = pytest.mark.slow

keras_facenet = pytest.importorskip("keras_facenet")
InceptionResNetV1 = importlib.import_module("keras_facenet.inception_resnet_v1").InceptionResNetV1
module = importlib.import_module("masquerade.embedders.facenet")


@pytest.fixture(scope="module")
def model(facenet_weights: Path) -> keras.Model:
    return facenet_network((160, 160, 3), facenet_weights)


@pytest.fixture(scope="module")
def pixels() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (3, 160, 160, 3), dtype=np.uint8)


def test_vectors_are_those_of_keras_facenet(facenet: keras.Model, model: keras.Model, pixels: np.ndarray) -> None:
    reference = keras_facenet.FaceNet.__new__(keras_facenet.FaceNet)  # its constructor downloads
    reference.metadata = keras_facenet.metadata.MODEL_METADATA["20180402-114759"]
    reference.model = facenet
    expected = reference.embeddings(pixels)
    found = model(pixels.astype("float32") / 255).numpy()
    assert found.shape == (3, 512)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert np.linalg.norm(found[0] - found[1]) > 1e-3  # the vectors do depend on the image


def test_all_blocks_are_there_with_their_weights_and_no_code_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fixtures have one block of each kind."""
    monkeypatch.delattr("keras_facenet.inception_resnet_v1.range", raising=False)
    whole = InceptionResNetV1((160, 160, 3), classes=512)
    network = module._network(160, 512)

    assert network.count_params() == whole.count_params() > 22.8e6
    assert [weight.path for weight in network.weights] == [weight.path for weight in whole.weights]
    assert not [layer for layer in network.layers if isinstance(layer, (keras.layers.Lambda, keras.layers.Dropout))]


def test_grey_images_are_resized_and_repeated_and_survive_saving(
    facenet_weights: Path, model: keras.Model, tmp_path: Path
) -> None:
    grey = np.random.default_rng(2).random((2, 92, 92, 1), dtype=np.float32)
    resized = keras.ops.image.resize(grey, (160, 160), interpolation="bilinear")
    network = facenet_network((92, 92, 1), facenet_weights)
    found = network(grey).numpy()
    np.testing.assert_allclose(found, model(keras.ops.repeat(resized, 3, axis=-1)).numpy(), rtol=0, atol=1e-5)

    network.save(tmp_path / "facenet.keras")
    with zipfile.ZipFile(tmp_path / "facenet.keras") as archive:
        config = archive.read("config.json").decode()
    assert "masquerade" not in config
    assert "keras_facenet" not in config
    assert "Lambda" not in config
    reloaded = keras.models.load_model(tmp_path / "facenet.keras")  # safe mode, no custom objects
    np.testing.assert_array_equal(reloaded(grey), found)
    np.testing.assert_array_equal(reloaded(grey, training=True), found)
    assert reloaded.trainable_weights == []


def test_training_through_the_network_leaves_it_as_it_is(model: keras.Model, pixels: np.ndarray) -> None:
    images = pixels.astype("float32") / 255
    assert model.trainable_weights == []
    np.testing.assert_array_equal(model(images, training=True), model(images, training=False))


def test_gradient_reaches_the_pixels(model: keras.Model, pixels: np.ndarray) -> None:
    images = tf.constant(pixels[:2].astype("float32") / 255)
    with tf.GradientTape() as tape:
        tape.watch(images)
        vectors = model(images)
        distance = tf.reduce_sum((vectors[0] - vectors[1]) ** 2)
    gradient = tape.gradient(distance, images).numpy()
    assert np.isfinite(gradient).all()
    assert (np.abs(gradient).max(axis=(1, 2, 3)) > 0).all()


def test_corrupt_files_are_refused(facenet_weights: Path, tmp_path: Path) -> None:
    corrupt = tmp_path / "corrupt.h5"
    corrupt.write_bytes(b"<html>not found</html>")
    with pytest.raises(InputError, match=r"corrupt\.h5: cannot be read as an HDF5 weights file"):
        facenet_network((160, 160, 3), corrupt)
    corrupt.write_bytes(facenet_weights.read_bytes()[:1_000_000])
    with pytest.raises(InputError, match=r"corrupt\.h5: cannot be read as an HDF5 weights file"):
        facenet_network((160, 160, 3), corrupt)
    with pytest.raises(InputError, match=r"absent\.h5: no such file"):
        facenet_network((160, 160, 3), tmp_path / "absent.h5")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("size", r"Bottleneck/kernel has the shape \(1792, 128\), expected \(1792, 512\)"),
        ("missing", r"Conv2d_1a_3x3/kernel has the shape None, expected \(3, 3, 3, 32\)"),
        ("extra", r"Logits/kernel has the shape \(2, 2\), expected None"),
    ],
)
def test_weights_of_another_network_are_refused(
    change: str,
    message: str,
    facenet: keras.Model,
    monkeypatch: pytest.MonkeyPatch,
    facenet_weights: Path,
    tmp_path: Path,
) -> None:
    other = tmp_path / "other.h5"
    other.write_bytes(facenet_weights.read_bytes())
    with h5py.File(other, "r+") as file:
        if change == "size":
            del file["Bottleneck/Bottleneck/kernel:0"]
            file["Bottleneck/Bottleneck/kernel:0"] = np.zeros((1792, 128), "float32")
        elif change == "missing":
            del file["Conv2d_1a_3x3"]
        else:
            file["Logits/Logits/kernel:0"] = np.zeros((2, 2), "float32")
    monkeypatch.setattr(module, "_network", lambda side, dimensions: facenet)  # building it again takes seconds
    with pytest.raises(InputError, match=rf"other\.h5: not the weights of FaceNet 20180402-114759: {message}"):
        facenet_network((160, 160, 3), other)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, for a release whose file is b"weights"."""
    release = dict(keras_facenet.metadata.MODEL_METADATA[module.RELEASE])
    release["keras_weights_sha256"] = hashlib.sha256(b"weights").hexdigest()
    monkeypatch.setitem(keras_facenet.metadata.MODEL_METADATA, module.RELEASE, release)
    monkeypatch.setattr(module, "CACHE", tmp_path / "cache")
    return tmp_path / "cache" / "20180402-114759" / "20180402-114759-weights.h5"


def serve(content: bytes | Exception, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Answer every request with this content or error; return the list that the requested URLs go to."""
    requested: list[str] = []

    class Response(io.BytesIO):
        headers = Message()

    def urlopen(url: str, timeout: float) -> Response:
        requested.append(url)
        if isinstance(content, Exception):
            raise content
        return Response(content)

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    return requested


def test_weights_are_downloaded_once(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    requested = serve(b"weights", monkeypatch)
    assert weights_file(None) == cache
    assert cache.read_bytes() == b"weights"
    assert requested == [keras_facenet.metadata.MODEL_METADATA["20180402-114759"]["keras_weights_url"]]
    assert weights_file(None) == cache
    assert len(requested) == 1


def test_altered_cache_is_downloaded_again(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.parent.mkdir(parents=True)
    cache.write_bytes(b"wei")
    serve(b"weights", monkeypatch)
    assert weights_file(None).read_bytes() == b"weights"


def test_wrong_checksum_leaves_nothing(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(b"something else", monkeypatch)
    with pytest.raises(
        InputError, match=r"expected the SHA-256 .*, found .*: give a local copy .*, or set embedder=dlib"
    ):
        weights_file(None)
    assert list(cache.parent.iterdir()) == []


@pytest.mark.parametrize("error", [urllib.error.URLError("no route to host"), TimeoutError("timed out")])
def test_no_network(error: Exception, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(error, monkeypatch)
    with pytest.raises(InputError, match=r"cannot be downloaded") as caught:
        weights_file(None)
    assert "give a local copy of this file as embedder_weights, or set embedder=dlib" in caught.value.message
    assert list(cache.parent.iterdir()) == []


def test_given_file_is_taken_or_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    requested = serve(OSError("no network"), monkeypatch)
    given = tmp_path / "given.h5"
    with pytest.raises(InputError, match=r"^embedder_weights: .*given\.h5: no such file"):
        weights_file(given)
    given.write_bytes(b"")
    assert weights_file(given) == given
    assert requested == []


def test_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keras_facenet.metadata", None)
    with pytest.raises(InputError, match=r"^embedder=facenet needs the package keras-facenet"):
        weights_file(None)
