import pytest
from keras import Input, Model, layers

from masquerade.generators.cost import cost, gflop_per_image, speed
from masquerade.generators.unet.network import unet


def test_multiplications_and_additions_of_three_layers() -> None:
    images = Input((8, 6, 1))
    x = layers.Conv2D(4, 3, strides=2, padding="same")(images)  # 4·3 positions × 3·3·1·4 weights: 432
    x = layers.Conv2DTranspose(2, 2, strides=2)(x)  # 4·3 inputs × 2·2·2·4 weights: 384
    x = layers.Dense(5)(layers.Flatten()(x))  # 8·6·2·5 weights: 480

    assert gflop_per_image(Model(images, x)) == pytest.approx(2 * (432 + 384 + 480) / 1e9)


def test_models_inside_count() -> None:
    inner = unet((8, 8, 1), width=2, depth=1)
    outer = Model(inner.input, layers.Dense(3)(layers.Flatten()(inner(inner.input))))

    assert gflop_per_image(outer) == pytest.approx(gflop_per_image(inner) + 2 * 64 * 3 / 1e9)


def test_cost_counts_what_was_trained() -> None:
    images = Input((4,))
    frozen = layers.Dense(3, trainable=False)
    network = Model(images, layers.Dense(2)(frozen(images)))

    assert cost(network) == {"parameters": 3 * 2 + 2, "gflop_per_image": 0.0}  # 2·(12 + 6) operations


def test_speed_of_a_training() -> None:
    assert speed(seen=300, seconds=60) == {"images_per_second": 5.0, "minutes": 1.0}
