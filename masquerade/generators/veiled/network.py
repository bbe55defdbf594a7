"""The veiled generator: a template made from the embedding alone, on a carrier that is not the image.

T = clip(C + η·N(F(X)) + ε·S·tanh(U(F(X)))) with a carrier C, noise N, fixed signs S and a small decoder U. T depends on
X only through F(X), so it cannot show anything of the image that its embedding does not hold. Not in the paper.
"""

from pathlib import Path

import keras
import numpy as np
from keras import KerasTensor, layers, ops

from masquerade.data.decode import decode
from masquerade.errors import InputError
from masquerade.generators.veiled.params import Settings
from masquerade.images import to_float

RANK = 4
"""Terms of the bilinear form behind a pixel's noise."""


def veil(dimension: int, image_shape: tuple[int, int, int], params: Settings, seed: int) -> keras.Model:
    """Build the decoder, unit vectors (n, m) → {"residual": tanh(U) (n, …), "template": T (n, h, w, c) in [0, 1]}.

    A dense layer makes ``params.width`` small feature maps; up-sampling and 3×3 convolutions enlarge them.

    Args:
        dimension: m.
        image_shape: (h, w, c), h and w divisible by ``params.grain``.
    """
    initializers = (keras.initializers.HeNormal(seed=number) for number in range(seed, seed + 100))
    height, breadth, channels = image_shape
    rows, columns, doublings = height // params.grain, breadth // params.grain, 0
    while rows % 2 == columns % 2 == 0 and min(rows, columns) > 7:
        rows, columns, doublings = rows // 2, columns // 2, doublings + 1

    embedding = layers.Input((dimension,), name="embedding")
    x = layers.Dense(rows * columns * params.width, kernel_initializer=next(initializers))(embedding)
    x = layers.Reshape((rows, columns, params.width))(layers.LeakyReLU(negative_slope=0.01)(x))
    for step in range(doublings):
        filters = max(params.width // 2 ** (step + 1), 16)
        x = layers.Conv2D(filters, 3, padding="same", kernel_initializer=next(initializers))(layers.UpSampling2D()(x))
        x = layers.LeakyReLU(negative_slope=0.01)(x)
    residual = layers.Conv2D(channels, 3, padding="same", kernel_initializer=next(initializers), activation="tanh")(x)

    # A frozen BatchNormalization is the affine map r ↦ ε·S·r + C as a built-in layer, so the file opens without this
    # package.
    blend = layers.BatchNormalization(epsilon=0.0, trainable=False, name="blend")
    template = layers.Reshape(image_shape)(blend(layers.Flatten()(layers.UpSampling2D(params.grain)(residual))))
    template += params.noise * chaotic_noise(embedding, image_shape, seed)
    return keras.Model(embedding, {"residual": residual, "template": ops.clip(template, 0, 1)}, name="veil")


def set_epsilon(veil: keras.Model, epsilon: float, carrier: np.ndarray, params: Settings, seed: int) -> None:
    """Let the decoder change pixels by up to ε; the carrier, given in [0, 1], makes room for η and ε."""
    signs = balanced_signs(carrier.shape, params.grain, seed) if params.scramble else np.ones(carrier.shape)
    room = min(epsilon + params.noise, 0.5)  # between the carrier and either end of the range
    dimmed = room + (1 - 2 * room) * carrier
    mean, variance = np.zeros(carrier.size), np.ones(carrier.size)
    veil.get_layer("blend").set_weights([epsilon * signs.ravel(), dimmed.ravel(), mean, variance])


def chaotic_noise(embedding: KerasTensor, image_shape: tuple[int, int, int], seed: int) -> KerasTensor:
    """Return noise (n, h, w, c) in [−1, 1], a function of vectors (n, m) that differs even between close vectors.

    It is the sine of a large phase: for each pixel, a random bilinear form of the vector. Without noise, all templates
    of a class look alike, because their embeddings do, and a judge identifies either all or none of them.
    """
    height, width, channels = image_shape

    def project(shape: tuple[int, int], offset: int) -> KerasTensor:
        initializer = keras.initializers.RandomNormal(stddev=30.0, seed=seed + offset)
        dense = layers.Dense(shape[0] * shape[1], use_bias=False, kernel_initializer=initializer, trainable=False)
        return layers.Reshape(shape)(dense(embedding))

    phase = ops.matmul(project((height, RANK), 200), project((RANK, width * channels), 201))
    return ops.reshape(ops.sin(phase), (-1, *image_shape))


def veiled_generator(veil: keras.Model, embedder: keras.Model) -> keras.Model:
    """Compose G: images (n, h, w, c) → F → templates (n, h, w, c) in [0, 1]."""
    images = layers.Input(embedder.input_shape[1:], name="images")
    return keras.Model(images, veil(embedder(images, training=False))["template"], name="generator")


def balanced_signs(image_shape: tuple[int, int, int], grain: int, seed: int) -> np.ndarray:
    """Draw signs ±1, float32 (h, w, c), half of each kind in every block of grain × grain (if odd, one more of +1).

    A residual that is constant in a block, times these signs, has no low frequencies: shapes that U draws cannot be
    seen, nor recovered by a blur. With one pixel per block (``grain`` 1) all signs are +1.
    """
    height, width, channels = image_shape
    signs = np.tile(1 - 2.0 * (np.arange(grain**2) % 2), (height // grain, width // grain, channels, 1))
    signs = np.random.default_rng(seed).permuted(signs, axis=-1)
    signs = signs.reshape(height // grain, width // grain, channels, grain, grain)
    return signs.transpose(0, 3, 1, 4, 2).reshape(image_shape).astype(np.float32)


def read_carrier(params: Settings, image_shape: tuple[int, int, int], seed: int) -> np.ndarray:
    """Draw noise in squares of ``carrier_grain`` pixels or read a cover image, float32 (h, w, c) in [0, 1].

    Raises:
        InputError: the cover image cannot be read.
    """
    height, width, channels = image_shape  # height and width are equal
    if params.carrier == "noise":
        grain, rng = params.carrier_grain, np.random.default_rng(seed)
        squares = rng.random((-(-height // grain), -(-width // grain), channels), dtype=np.float32)
        carrier = squares.repeat(grain, axis=0).repeat(grain, axis=1)[:height, :width]
    else:
        path = Path(params.carrier).expanduser()
        if not path.is_file():
            raise InputError(f"veiled.carrier: {path} does not exist; it must be noise or the file of an image")
        cover = to_float(decode(str(path), path.read_bytes(), height))
        carrier = (
            cover.mean(axis=-1, keepdims=True) if channels == 1 else np.repeat(cover, 3 // cover.shape[-1], axis=-1)
        )
    return carrier
