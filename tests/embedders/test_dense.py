import keras
import numpy as np

from masquerade.embedders.dense import dense


def test_network_of_fig_9() -> None:
    network = dense((28, 28, 1))

    kinds = [type(layer).__name__ for layer in network.layers]
    assert kinds == ["Flatten", "Dense", "LeakyReLU", "Dense", "UnitNormalization"]
    assert network.layers[2].negative_slope == 0.01
    assert network.count_params() == 784 * 2048 + 2048 + 2048 * 10 + 10


def test_output_has_unit_length(rng: np.random.Generator) -> None:
    network = dense((8, 8, 3), hidden=16, dimension=5)

    vectors = network(rng.random((7, 8, 8, 3)))

    assert vectors.shape == (7, 5)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), np.ones(7), rtol=1e-5)


def test_weights_are_he_normal() -> None:
    kernel = dense((28, 28, 1), hidden=512).layers[1].kernel

    # N(0, 2 / n_L), errata 11
    np.testing.assert_allclose(np.std(keras.ops.convert_to_numpy(kernel)), (2 / 784) ** 0.5, rtol=0.02)


def test_weights_depend_on_the_seed_alone() -> None:
    first, again, other = (dense((8, 8, 1), 16, 4, seed).layers[1].kernel.numpy() for seed in (7, 7, 8))

    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)
