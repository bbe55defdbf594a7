"""FaceNet: the Inception-ResNet-v1 of keras-facenet, 512 numbers for a face.

The network is David Sandberg's 20180402-114759 (https://github.com/davidsandberg/facenet, trained on VGGFace2); the
package keras-facenet provides its weights and its Keras form. The weights (92 MB) are downloaded once into its
cache; ``embedder_weights`` names a local copy instead.
"""

import hashlib
import http.client
import shutil
import urllib.request
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
from keras import layers
from tqdm import tqdm

from masquerade.atomic import replacing
from masquerade.errors import InputError

RELEASE = "20180402-114759"
CACHE = Path("~/.keras-facenet")  # where keras-facenet keeps its downloads


def network(image_shape: tuple[int, int, int], weights: Path | None = None) -> keras.Model:
    """Build FaceNet for images of one shape, with its weights, frozen.

    Args:
        image_shape: ``(h, w, c)`` with c 1 (grey) or 3 (RGB).
        weights: the .h5 file of the release; by default the one that :func:`weights_file` finds.

    Returns:
        A model from float32 images ``(n, h, w, c)`` in [0, 1] to float32 unit vectors ``(n, 512)``. It resizes to
        160 x 160 and scales the pixels itself. It holds only built-in layers and operations of Keras, so a saved
        .keras file opens without this package and without keras-facenet.

    Raises:
        InputError: keras-facenet is not installed, or the file is missing, corrupt or of another network.
    """
    weights = weights_file(weights)
    arrays = _read(weights)  # first, so that a wrong file fails at once
    metadata = _metadata()
    side = metadata["image_size"]

    image = layers.Input(image_shape, name="image")
    # Not the layer Resizing: its call has training=True by default, which Keras passes on to all later layers.
    x = keras.ops.image.resize(image, (side, side), interpolation="bilinear")
    if image_shape[-1] == 1:
        x = layers.Concatenate()([x, x, x])
    x = layers.Rescaling(255 / 127.5, -1.0)(x)  # the package's (pixel - 127.5) / 127.5, pixels from 0 to 255
    inception = _network(side, metadata["dimensions"])
    _set_weights(inception, arrays, weights)

    model = keras.Model(image, inception(x), name="facenet")
    model.trainable = False
    return model


def weights_file(source: Path | None) -> Path:
    """Find the weights of the release, and download them if necessary.

    Args:
        source: a local .h5 file (``embedder_weights``), or None for the cache of keras-facenet,
            ``~/.keras-facenet``, into which an absent or altered file is downloaded.

    Returns:
        The path of a file that exists; in the cache its SHA-256 is the one in keras-facenet's metadata.

    Raises:
        InputError: ``source`` does not exist, keras-facenet is not installed, the download fails or has another
            SHA-256. Nothing is left in the cache then.
    """
    if source is not None:
        if not source.is_file():
            raise InputError(f"embedder_weights: {source}: no such file.")
        return source
    metadata = _metadata()
    path = CACHE.expanduser().joinpath(metadata["dir_name"], metadata["keras_weights_filename"])
    url, sha256 = metadata["keras_weights_url"], metadata["keras_weights_sha256"]
    if not path.is_file() or _sha256(path) != sha256:
        with replacing(path) as temporary:
            _download(url, temporary)
            found = _sha256(temporary)
            if found != sha256:
                raise InputError(f"{url}: expected the SHA-256 {sha256}, found {found}: {_ALTERNATIVES}.")
    return path


_ALTERNATIVES = "give a local copy of this file as embedder_weights, or set embedder=dlib"


def _download(url: str, path: Path) -> None:
    try:
        with urllib.request.urlopen(url, timeout=30) as response, path.open("wb") as file:  # noqa: S310 (keras-facenet's https)
            size = int(response.headers.get("Content-Length") or 0) or None
            with tqdm.wrapattr(response, "read", total=size, desc=path.name) as body:
                shutil.copyfileobj(body, file)
    except (OSError, http.client.HTTPException) as error:
        raise InputError(f"{url}: cannot be downloaded ({error}): {_ALTERNATIVES}.") from error


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _metadata() -> dict[str, Any]:
    """The package's own record of the release: URL, SHA-256, file names, image size and dimensions."""
    try:
        from keras_facenet.metadata import MODEL_METADATA
    except ImportError as error:
        raise InputError(f"embedder=facenet needs the package keras-facenet, which fails: {error}.") from error
    metadata: dict[str, Any] = MODEL_METADATA[RELEASE]
    return metadata


def _network(side: int, dimensions: int) -> keras.Model:
    """Build the package's network with its Lambda layers replaced by layers that a .keras file can hold.

    Dropout is removed: it would still act in a frozen network while a generator trains through it.
    """
    from keras_facenet.inception_resnet_v1 import InceptionResNetV1

    def replaced(layer: keras.Layer) -> keras.Layer:
        if isinstance(layer, layers.Dropout):
            return layers.Identity(name=layer.name)
        if not isinstance(layer, layers.Lambda):
            return layer.__class__.from_config(layer.get_config())
        if layer.name == "normalize":
            return layers.UnitNormalization(name=layer.name)
        return layers.Rescaling(layer.arguments["scale"], name=layer.name)

    def called(layer: keras.Layer, inputs: keras.KerasTensor, **_: object) -> keras.KerasTensor:
        return layer(inputs)  # without the mask of a Lambda layer, which its replacement does not accept

    original = InceptionResNetV1((side, side, 3), classes=dimensions)
    return keras.models.clone_model(original, clone_function=replaced, call_function=called)


def _read(path: Path) -> dict[str, dict[str, np.ndarray]]:
    """Read an .h5 weights file: the arrays of each layer that has any, by the name of the variable."""
    found: dict[str, dict[str, np.ndarray]] = {}

    def collect(name: str, item: h5py.Group | h5py.Dataset) -> None:
        if isinstance(item, h5py.Dataset):
            layer, _, variable = name.partition("/")  # Bottleneck/Bottleneck/kernel:0
            found.setdefault(layer, {})[variable.rpartition("/")[2].removesuffix(":0")] = item[()]

    try:
        with h5py.File(path) as file:
            file.visititems(collect)
    except (OSError, RuntimeError) as error:  # h5py raises one for other formats, the other for damage
        raise InputError(f"{path}: cannot be read as an HDF5 weights file: {error}.") from error
    return found


def _set_weights(network: keras.Model, arrays: dict[str, dict[str, np.ndarray]], path: Path) -> None:
    """Set the weights by the names of layers and variables, which must be the same on both sides."""
    weighted = {layer.name: layer for layer in network.layers if layer.weights}
    expected = {(name, weight.name): weight.shape for name, layer in weighted.items() for weight in layer.weights}
    found = {(name, variable): array.shape for name, group in arrays.items() for variable, array in group.items()}
    for key in expected | found:
        if expected.get(key) != found.get(key):
            raise InputError(
                f"{path}: not the weights of FaceNet {RELEASE}: {'/'.join(key)} has the shape {found.get(key)}, "
                f"expected {expected.get(key)}."
            )
    for name, layer in weighted.items():
        layer.set_weights([arrays[name][weight.name] for weight in layer.weights])
