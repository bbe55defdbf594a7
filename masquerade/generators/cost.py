"""What a generator costs, counted from its layers."""

from collections.abc import Iterator
from math import prod

import keras
from keras import layers


def cost(generator: keras.Model) -> dict[str, float]:
    """Return the number of trained ``parameters`` and ``gflop_per_image`` (:func:`gflop_per_image`)."""
    return {
        "parameters": sum(prod(weight.shape) for weight in generator.trainable_weights),
        "gflop_per_image": round(gflop_per_image(generator), 4),
    }


def speed(seen: int, seconds: float) -> dict[str, float]:
    """Return ``images_per_second`` in training, forward and backward through G and F, and the ``minutes`` it took.

    Args:
        seen: number of images (embeddings) that the training saw, counting repetitions.
    """
    return {"images_per_second": round(seen / seconds, 1), "minutes": round(seconds / 60, 2)}


def gflop_per_image(network: keras.Model) -> float:
    """Count the floating-point operations of a forward pass of one image, in 10⁹.

    One multiplication and one addition count for each weight of a dense layer, and for each weight and position of a
    convolution; other layers are negligible. A training step costs three times as much for a trained network, twice as
    much for a frozen one that gradients only pass through.
    """
    return sum(2 * _positions(layer) * prod(layer.kernel.shape) for layer in _weighted(network)) / 1e9


def _weighted(network: keras.Model) -> Iterator[keras.Layer]:
    for layer in network.layers:
        if isinstance(layer, keras.Model):
            yield from _weighted(layer)
        elif hasattr(layer, "kernel"):
            yield layer


def _positions(layer: keras.Layer) -> int:
    """Return how often a layer applies its kernel to one image."""
    # A transposed convolution applies its kernel at each input, any other layer at each output.
    side = layer.input if isinstance(layer, layers.Conv2DTranspose) else layer.output
    return prod(side.shape[1:-1])
