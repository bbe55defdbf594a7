import keras
import numpy as np
import pytest
from keras import layers

from masquerade.errors import InputError
from masquerade.generators.collapse import PATIENCE, CollapsedGenerator, CollapseGuard, is_collapsed

IMAGES = np.random.default_rng(0).integers(0, 256, (6, 8, 8, 1), dtype=np.uint8)


def scaling_generator(scale: float) -> keras.Model:
    """x → scale·x + 0.3: collapsed for scale 0."""
    return keras.Sequential([layers.Input((8, 8, 1)), layers.Rescaling(scale, offset=0.3)])


def guard(generator: keras.Model) -> CollapseGuard:
    return CollapseGuard(generator, IMAGES)


def test_one_grey_level_of_difference_is_not_collapsed() -> None:
    images = np.full((4, 8, 8, 1), 0.4)
    assert is_collapsed(images)
    images[2, 3, 3, 0] += 0.9 / 255
    assert is_collapsed(images)
    images[2, 3, 3, 0] = 0.4 + 1.1 / 255
    assert not is_collapsed(images)


def test_constant_generator_stops_the_training_and_names_the_causes() -> None:
    callback = guard(scaling_generator(0))
    for epoch in range(PATIENCE - 1):
        callback.on_epoch_end(epoch)

    with pytest.raises(CollapsedGenerator) as caught:
        callback.on_epoch_end(PATIENCE - 1)

    assert isinstance(caught.value, InputError)
    for part in ("same image for every input", "learning rate", "pi_emb", "alpha"):
        assert part in caught.value.message


def test_young_generator_may_pass_through_a_blank_image() -> None:
    callback = guard(scaling_generator(0))
    blank, healthy = callback.generator, scaling_generator(0.5)
    for epoch in range(9):
        callback.generator = healthy if epoch % PATIENCE == PATIENCE - 1 else blank
        callback.on_epoch_end(epoch)

    assert callback.collapsed_epochs == 0


@pytest.mark.parametrize("epochs", [0, 1])
def test_collapse_at_the_end_is_seen(epochs: int) -> None:
    callback = CollapseGuard(scaling_generator(0), IMAGES, patience=9)
    for epoch in range(epochs):
        callback.on_epoch_end(epoch)

    with pytest.raises(CollapsedGenerator):
        callback.on_train_end()


def test_one_image_is_no_collapse() -> None:
    callback = CollapseGuard(scaling_generator(0), IMAGES[:1], patience=1)

    callback.on_epoch_end(0)
    callback.on_train_end()
