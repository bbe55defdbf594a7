import keras
import numpy as np
import pytest

from masquerade.generators.unet.network import unet


@pytest.mark.parametrize("normalisation", ["none", "batch", "group"])
@pytest.mark.parametrize(("depth", "shape"), [(1, (8, 12, 1)), (2, (28, 28, 1)), (4, (32, 32, 3))])
def test_template_has_the_shape_of_the_image_and_pixels_inside_0_and_1(
    rng: np.random.Generator, normalisation: str, depth: int, shape: tuple[int, int, int]
) -> None:
    generator = unet(shape, width=8, depth=depth, normalisation=normalisation)
    images = rng.random((3, *shape)).astype("float32")

    generated = keras.ops.convert_to_numpy(generator(images))

    assert generated.shape == images.shape
    assert np.all(np.isfinite(generated))
    assert generated.min() > 0
    assert generated.max() < 1
    assert np.ptp(generated, axis=0).max() > 0.01  # it depends on the image


def test_layers_of_fig_10() -> None:
    generator = unet((16, 16, 1), width=4, depth=2)
    kinds = [type(layer).__name__ for layer in generator.layers]

    filters = [layer.filters for layer in generator.layers if type(layer) is keras.layers.Conv2D]
    assert filters == [4, 4, 8, 8, 16, 16, 8, 8, 4, 4, 1]
    assert kinds.count("MaxPooling2D") == kinds.count("Conv2DTranspose") == kinds.count("Concatenate") == 2
    slopes = {layer.negative_slope for layer in generator.layers if isinstance(layer, keras.layers.LeakyReLU)}
    assert {round(slope, 6) for slope in slopes} == {0.01}


@pytest.mark.parametrize(("normalisation", "layer"), [("batch", "BatchNormalization"), ("group", "GroupNormalization")])
def test_every_level_is_normalised_once(normalisation: str, layer: str) -> None:
    generator = unet((16, 16, 1), width=8, depth=2, normalisation=normalisation)

    assert [type(item).__name__ for item in generator.layers].count(layer) == 5


def test_skips_carry_single_pixels_through() -> None:
    generator = unet((16, 16, 1), width=8, depth=2, seed=3)
    image = np.zeros((1, 16, 16, 1), dtype="float32")
    changed = image.copy()
    changed[0, 5, 6] = 1

    difference = np.abs(generator(changed) - generator(image))[0, ..., 0]

    assert np.unravel_index(difference.argmax(), difference.shape)[0] in range(3, 8)
    assert difference[5, 6] > 0


def test_weights_are_he_normal_and_depend_on_the_seed_alone() -> None:
    first, again, other = (unet((16, 16, 1), width=32, depth=1, seed=seed) for seed in (7, 7, 8))

    for a, b in zip(first.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(first.get_weights()[0], other.get_weights()[0])
    kernels = [layer.kernel.numpy() for layer in first.layers if type(layer) is keras.layers.Conv2D]
    for kernel in kernels[1:5]:
        # N(0, 2 / n_L), errata 11
        np.testing.assert_allclose(kernel.std(), (2 / np.prod(kernel.shape[:3])) ** 0.5, rtol=0.05)
    assert not np.array_equal(kernels[2][:, :, :, :32], kernels[3][:, :, :32, :32])


def test_side_that_cannot_be_halved_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="Concatenate"):
        unet((30, 30, 1), width=2, depth=2)
