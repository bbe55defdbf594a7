"""dlib's face network as a Keras model: 29 convolutions, 128 numbers for a face.

The network and its weights (``dlib_face_recognition_resnet_model_v1.dat``, public domain) are Davis King's,
http://dlib.net/files; the package face-recognition-models carries the file. Its architecture is ``anet`` in dlib's
example ``dnn_face_recognition_ex.cpp``, its format the one that ``dlib/serialize.h`` and ``dlib/dnn`` write.

On two cores it loads in 0.3 s and processes 250 to 480 images/s forward, 130 to 230 forward and backward.
"""

import hashlib
import importlib.util
import math
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np
from keras import layers

from masquerade.errors import InputError

SHA256 = "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30"
SIDE = 150
FEATURES = 128

# The residual blocks from the image upwards: filters and stride. A block of stride 2 halves the image.
BLOCKS = (
    *[(32, 1)] * 3,
    *[(64, 2), (64, 1), (64, 1), (64, 1)],
    *[(128, 2), (128, 1), (128, 1)],
    *[(256, 2), (256, 1), (256, 1)],
    (256, 2),
)


class Weights(NamedTuple):
    """The content of the file, in Keras' layout.

    ``mean``: three grey levels (0 to 255, RGB). ``convolutions``: kernel ``(h, w, in, out)`` and bias ``(out,)`` of
    each, its affine layer folded in. ``projection``: ``(256, 128)``. All float32.
    """

    mean: list[float]
    convolutions: list[tuple[np.ndarray, np.ndarray]]
    projection: np.ndarray


def network(image_shape: tuple[int, int, int], weights: Path | None = None) -> keras.Model:
    """Build dlib's face network for images of one shape, with its weights, frozen.

    Args:
        image_shape: ``(h, w, c)`` with c 1 (grey) or 3 (RGB).
        weights: a .dat file of this network; by default the one that :func:`weights_file` finds.

    Returns:
        A model from float32 images ``(n, h, w, c)`` in [0, 1] to float32 descriptors ``(n, 128)`` as dlib computes
        them: neither centred nor normalised. It resizes to 150 x 150 and scales the pixels itself. Two faces are of
        one person if their Euclidean distance is below 0.6. It holds only built-in layers and operations of Keras, so
        a saved .keras file opens without this package.

    Raises:
        InputError: the weights are missing or are not this network's.
    """
    mean, convolutions, projection = read_weights(weights_file() if weights is None else weights)
    remaining = iter(convolutions)

    image = layers.Input(image_shape, name="image")
    # Not the layer Resizing: its call has training=True by default, which Keras passes on to all later layers.
    x = keras.ops.image.resize(image, (SIDE, SIDE), interpolation="bilinear")
    if image_shape[-1] == 1:
        x = layers.Concatenate()([x, x, x])
    x = layers.Rescaling(255 / 256, [-channel / 256 for channel in mean])(x)

    x = _convolution(x, next(remaining), stride=2, activation="relu")
    x = layers.MaxPooling2D(3, strides=2)(x)
    for _, stride in BLOCKS:
        x = _block(x, remaining, stride)
    x = layers.GlobalAveragePooling2D()(x)
    dense = layers.Dense(FEATURES, use_bias=False, name="descriptor")
    descriptor = dense(x)
    dense.set_weights([projection])

    model = keras.Model(image, descriptor, name="dlib")
    model.trainable = False
    return model


def _block(x: keras.KerasTensor, remaining: Iterator[tuple[np.ndarray, np.ndarray]], stride: int) -> keras.KerasTensor:
    """Two convolutions beside a skip connection, which a stride of 2 pools instead of projecting."""
    skip = layers.AveragePooling2D(2)(x) if stride == 2 else x
    x = _convolution(x, next(remaining), stride, activation="relu")
    x = _convolution(x, next(remaining))
    return layers.ReLU()(layers.Add()(_zero_padded(x, skip)))


def _convolution(
    x: keras.KerasTensor, weights: tuple[np.ndarray, np.ndarray], stride: int = 1, activation: str | None = None
) -> keras.KerasTensor:
    """Convolve as dlib does: without padding where there is a stride."""
    height, width, _, filters = weights[0].shape
    padding = "valid" if stride > 1 else "same"
    layer = layers.Conv2D(filters, (height, width), strides=stride, padding=padding, activation=activation)
    x = layer(x)
    layer.set_weights(weights)
    return x


def _zero_padded(*tensors: keras.KerasTensor) -> list[keras.KerasTensor]:
    """Pad with zeros at the end of each axis up to the larger size, as dlib adds tensors of different shapes.

    The skip has fewer channels where the filters double; the unpadded convolutions of the last two halvings are one
    row and column smaller than the pooled skip (3 against 4, 1 against 2).
    """
    largest = [max(sizes) for sizes in zip(*(tensor.shape[1:] for tensor in tensors), strict=True)]
    missing = [[size - own for size, own in zip(largest, tensor.shape[1:], strict=True)] for tensor in tensors]
    return [
        keras.ops.pad(tensor, [(0, 0)] + [(0, count) for count in counts]) if any(counts) else tensor
        for tensor, counts in zip(tensors, missing, strict=True)
    ]


def weights_file() -> Path:
    """Find dlib's weights in the package face-recognition-models and verify their SHA-256.

    Returns:
        The path of ``dlib_face_recognition_resnet_model_v1.dat`` (22,466,066 bytes).

    Raises:
        InputError: the package is not installed, or the file is absent or altered.
    """
    # Importing the package needs pkg_resources, which setuptools no longer has; finding it does not.
    package = importlib.util.find_spec("face_recognition_models")
    if package is None or package.origin is None:
        raise InputError("The package face-recognition-models, which carries dlib's face network, is not installed.")
    path = Path(package.origin).parent / "models" / "dlib_face_recognition_resnet_model_v1.dat"
    found = hashlib.sha256(_content(path)).hexdigest()
    if found != SHA256:
        raise InputError(f"{path}: expected the SHA-256 {SHA256}, found {found}: reinstall face-recognition-models.")
    return path


def read_weights(path: Path) -> Weights:
    """Read a .dat file of this network; refuse any other.

    Each tag, version, size and number count has to be the one that dlib writes for this architecture, each number
    finite, and the file has to end with the last layer. (A changed weight is not noticed here:
    :func:`weights_file` checks the checksum.)

    Args:
        path: a file in dlib's own serialisation.

    Returns:
        The weights, affine layers folded into the convolutions before them.

    Raises:
        InputError: the file cannot be read or is not this network; the message names the byte and what was expected.
    """
    file = _Reader(path)
    file.expect(1, "loss_metric_2")
    file.real(), file.real()  # the margin and the threshold of the loss it was trained with

    # A layer holds the one below it: first the versions from the top down (1: a tag or a skip, which hold nothing
    # else; 3: the layer on the image, which adds a factor), then the contents from the image up.
    file.expect(2, 2)
    for _, stride in reversed(BLOCKS):
        file.expect(2, 2, *([2, 1, 1] if stride == 2 else []), 2, 2, 2, 2, 2, 1)
    file.expect(2, 2, 2, 3)

    file.expect("input_rgb_image_sized")
    mean = [file.real() for _ in range(3)]
    file.expect(SIDE, SIDE)

    convolutions = [file.convolution(3, 32, size=7, stride=2, factor=True)]
    file.layer("relu_")
    file.layer("max_pool_2", 3, 3, 2, 2, 0, 0)
    channels = 32
    for filters, stride in BLOCKS:
        convolutions.append(file.convolution(channels, filters, size=3, stride=stride))
        file.layer("relu_")
        convolutions.append(file.convolution(filters, filters, size=3, stride=1))
        if stride == 2:
            file.layer("avg_pool_2", 2, 2, 2, 2, 0, 0)
        file.layer("add_prev_")
        file.layer("relu_")
        channels = filters
    file.layer("avg_pool_2", 0, 0, 1, 1, 0, 0)
    projection = file.projection(channels, FEATURES)
    file.end()
    return Weights(mean, convolutions, projection)


class _Reader:
    """dlib's serialisation, read front to back.

    An integer is a byte with its sign (the top bit) and length, then that many bytes, lowest first. A floating-point
    number is an integer mantissa and a binary exponent. A string is its length and its characters, a truth value "0"
    or "1". A tensor is its version, four sizes and the raw little-endian float32 values.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.data = _content(path)
        self.position = 0

    def refuse(self, position: int, expected: object, found: object) -> InputError:
        return InputError(
            f"{self.path}: not dlib's face network: at byte {position:,} expected {expected}, found {found}."
        )

    def take(self, count: int) -> bytes:
        if self.position + count > len(self.data):
            raise self.refuse(self.position, f"{count:,} more bytes", f"{len(self.data) - self.position:,}")
        self.position += count
        return self.data[self.position - count : self.position]

    def integer(self) -> int:
        start = self.position
        control = self.take(1)[0]
        if control & 0x70 or not 1 <= control & 0x0F <= 8:
            raise self.refuse(start, "the length of an integer (1 to 8)", f"0x{control:02x}")
        magnitude = int.from_bytes(self.take(control & 0x0F), "little")
        return -magnitude if control & 0x80 else magnitude

    def real(self) -> float:
        start = self.position
        mantissa, exponent = self.integer(), self.integer()
        if abs(exponent) > 512:  # dlib writes infinities and NaN as exponents of 32,000 and above
            raise self.refuse(start, "a finite number", f"the exponent {exponent}")
        return math.ldexp(mantissa, exponent)

    def expect(self, *values: int | str) -> None:
        """Read integers and strings that have to have these values."""
        for value in values:
            start = self.position
            found = self.integer()
            if isinstance(value, str):
                if found != len(value):
                    raise self.refuse(start, f"the {len(value)} characters of {value!r}", f"the length {found}")
                text = self.take(found)
                if text != value.encode():
                    raise self.refuse(start, repr(value), repr(text.decode("latin-1")))
            elif found != value:
                raise self.refuse(start, value, found)

    def tensor(self, *sizes: int) -> np.ndarray:
        self.expect(2, *sizes)
        start = self.position
        values = np.frombuffer(self.take(4 * math.prod(sizes)), "<f4").reshape(sizes)
        if not np.isfinite(values).all():
            raise self.refuse(start, "finite weights", "infinity or NaN")
        return values

    def layer_end(self) -> None:
        """Read what closes each layer: three truth values and three buffers, which are empty outside training."""
        start = self.position
        flags = self.take(3)
        if flags not in (b"110", b"111"):  # set up, gradient stale, output overwritten by the layer above or not
            raise self.refuse(start, "the layer's flags 110 or 111", flags)
        for _ in range(3):
            self.expect(2, 0, 0, 0, 0)

    def layer(self, name: str, *settings: int) -> None:
        """Read a layer without weights."""
        self.expect(name, *settings)
        self.layer_end()

    def learning_rates(self) -> None:
        """Skip the four multipliers of learning rate and weight decay."""
        for _ in range(4):
            self.real()

    def convolution(
        self, channels: int, filters: int, *, size: int, stride: int, factor: bool = False
    ) -> tuple[np.ndarray, np.ndarray]:
        """Read a convolution and the affine layer on it as one kernel ``(size, size, channels, filters)`` and bias."""
        count = filters * channels * size * size
        self.expect("con_4")
        numbers = self.tensor(count + filters, 1, 1, 1).ravel()
        padding = 0 if stride > 1 else size // 2
        self.expect(filters, size, size, stride, stride, padding, padding)
        self.expect(1, filters, channels, size, size)
        self.expect(1, 1, filters, 1, 1)
        self.learning_rates()
        self.layer_end()
        if factor:
            self.expect(1)  # one tensor for each image

        self.expect("affine_")
        scale, shift = self.tensor(2 * filters, 1, 1, 1).reshape(2, filters)
        self.expect(1, 1, filters, 1, 1)
        self.expect(1, 1, filters, 1, 1)
        self.expect(0)  # a scale for each channel, not for each pixel
        self.layer_end()

        kernel = numbers[:count].reshape(filters, channels, size, size).transpose(2, 3, 1, 0)
        return kernel * scale, numbers[count:] * scale + shift

    def projection(self, inputs: int, outputs: int) -> np.ndarray:
        """Read the fully connected layer without bias, ``(inputs, outputs)``."""
        self.expect("fc_2", outputs, inputs)
        matrix = self.tensor(inputs, outputs, 1, 1).reshape(inputs, outputs)
        self.expect(1, inputs, outputs, 1, 1)
        self.expect(1, 0, 0, 0, 0)
        self.expect(1)  # no bias
        self.learning_rates()
        self.layer_end()
        return matrix

    def end(self) -> None:
        if self.position != len(self.data):
            raise self.refuse(self.position, "the end of the file", f"more bytes: {len(self.data) - self.position:,}")


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}.") from error
