"""What a generator costs, counted from its layers."""

from collections.abc import Iterator
from math import prod

import keras
from keras import layers


def cost(generator: keras.Model) -> dict[str, float]:
    """Return the number of ``parameters`` that were trained and ``gflop_per_image`` (:func:`gflop_per_image`)."""
    return {
        "parameters": sum(prod(weight.shape) for weight in generator.trainable_weights),
        "gflop_per_image": round(gflop_per_image(generator), 4),
    }


def speed(seen: int, seconds: float) -> dict[str, float]:
    """Return ``images_per_second`` of a training, forward and backward through G and F, and its ``minutes``.

    Args:
        seen: images (embeddings) the training went through, repetitions counted.
    """
    return {"images_per_second": round(seen / seconds, 1), "minutes": round(seconds / 60, 2)}


def gflop_per_image(network: keras.Model) -> float:
    """Count the floating-point operations of one image forward, in 10⁹.

    A multiplication and an addition for each weight of a dense layer and, at each position, of a convolution; the other
    layers cost little beside them. A training step costs three times as much for what is trained and twice as much for
    a frozen network that gradients only pass through.
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
    # A transposed convolution multiplies its kernel with each input, any other layer makes each output with it.
    side = layer.input if isinstance(layer, layers.Conv2DTranspose) else layer.output
    return prod(side.shape[1:-1])
