import keras
import numpy as np
import pytest

from masquerade.data.image_set import ImageSet, with_names
from masquerade.embedders import build_embedder
from masquerade.embedders.triplet import train
from masquerade.params import Params, Triplet

pytestmark = pytest.mark.slow

PARAMS = Triplet(
    hidden=32, dimension=4, margin=0.2, mining="all", shift=0.0, batch_size=16, learning_rate=1e-3, epochs=8
)


def stripes(count: int, seed: int) -> ImageSet:
    """Noisy images of two classes: horizontal and vertical stripes."""
    rng = np.random.default_rng(seed)
    stripe = np.repeat([[0, 200]], 4, axis=0).reshape(-1)[:, None] * np.ones((1, 8))
    images = [stripe if number % 2 else stripe.T for number in range(count)] + rng.integers(0, 56, (count, 8, 8))
    return with_names(images.astype(np.uint8)[..., None], [str(number % 2) for number in range(count)])


def test_training_separates_two_classes_and_records_both_curves() -> None:
    network, curves = train(stripes(64, 0), stripes(16, 1), PARAMS, seed=7)

    assert list(curves.columns) == ["loss", "val_loss"]
    assert curves.index.tolist() == list(range(1, 9))
    assert curves.index.name == "epoch"
    test = stripes(40, 2)
    vectors = network.predict(test.images / np.float32(255), verbose=0)
    distances = 2 - 2 * vectors @ vectors.T
    mated = test.labels[:, None] == test.labels[None]
    assert distances[mated].max() < distances[~mated].min()


@pytest.mark.usefixtures("eagerly")
@pytest.mark.parametrize("mining", ["all", "random"])
def test_same_seed_gives_the_same_network(mining: str) -> None:
    params = PARAMS.model_copy(update={"mining": mining, "shift": 0.2, "epochs": 2})

    (first, curves), (again, same_curves) = (train(stripes(32, 0), stripes(16, 1), params, seed=7) for _ in range(2))

    for a, b in zip(first.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert curves.equals(same_curves)


@pytest.mark.usefixtures("eagerly")
def test_curves_are_shown_while_the_embedder_is_trained(params: Params) -> None:
    digits = params.modality("digits").model_copy(update={"triplet": PARAMS.model_copy(update={"epochs": 2})})
    shown: list[tuple[int, dict[str, float]]] = []

    _, curves = build_embedder(
        digits, stripes(32, 0), stripes(16, 1), 7, watch=lambda epoch, row: shown.append((epoch, dict(row)))
    )

    assert curves is not None
    assert [epoch for epoch, _ in shown] == [1, 2]
    assert shown == [(epoch, row.to_dict()) for epoch, row in curves.iterrows()]


@pytest.mark.usefixtures("eagerly")
def test_only_the_training_sees_shifted_images() -> None:
    params = PARAMS.model_copy(update={"shift": 0.3, "epochs": 1})
    network, curves = train(stripes(64, 0), stripes(16, 1), params, seed=7)
    _, plain_curves = train(stripes(64, 0), stripes(16, 1), PARAMS.model_copy(update={"epochs": 1}), seed=7)

    assert curves["loss"].tolist() != plain_curves["loss"].tolist()
    assert not any(isinstance(layer, keras.layers.RandomTranslation) for layer in network.layers)
    images = stripes(4, 3).images / np.float32(255)
    np.testing.assert_array_equal(network(images, training=True), network(images, training=False))
