from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest

from masquerade.data.image_set import ImageSet
from masquerade.errors import InputError
from masquerade.params import Judge
from masquerade.recognisability import judge as judge_module
from masquerade.recognisability.judge import SCALE, ViewedBatches, classifier, feature_network, train_judge
from masquerade.recognisability.views import views
from masquerade.training import fit as plain_fit

pytestmark = pytest.mark.slow

IMAGES = np.random.default_rng(0).integers(0, 256, (24, 12, 12, 1), dtype=np.uint8)
SETTINGS: dict[str, Any] = {
    "width": 4,
    "least_images": 1,
    "shift": 0.05,
    "turn": 0.02,
    "zoom": 0.05,
    "mirror": False,
    "batch_size": 8,
    "learning_rate": 1e-2,
    "epochs": 3,
}


@pytest.fixture(scope="module")
def settings() -> Judge:
    return Judge(**SETTINGS, pretrained=None, detector=None)


@pytest.fixture(scope="module")
def image_set() -> ImageSet:
    """Three kinds of stripes, numbered with a gap."""
    labels = np.repeat([0, 2, 5], 16)
    row, column = np.mgrid[:12, :12]
    stripes = {0: row % 4 < 2, 2: column % 4 < 2, 5: (row + column) % 6 < 3}
    noise = np.random.default_rng(0).integers(0, 60, (48, 12, 12))
    images = np.stack([160 * stripes[label] for label in labels.tolist()]) + noise
    return ImageSet(images[..., None].astype(np.uint8), labels, labels, np.array(list("abcdef")), np.empty(0, bool))


@pytest.fixture(scope="module")
def whole(
    image_set: ImageSet, settings: Judge, tmp_path_factory: pytest.TempPathFactory
) -> tuple[keras.Model, pd.DataFrame, keras.Model]:
    """A judge trained without interruption, its curves, and the classifier it was trained in."""
    trained: list[keras.Model] = []

    def note(network: keras.Model, *rest: Any, **options: Any) -> pd.DataFrame:
        trained.append(network)
        return plain_fit(network, *rest, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judge_module, "fit", note)
        judge, curves = train_judge(image_set, settings, 7, tmp_path_factory.mktemp("whole"))
    return judge, curves, trained[0]


def still(settings: Judge, **change: object) -> Judge:
    return settings.model_copy(update={"shift": 0.0, "turn": 0.0, "zoom": 0.0, "batch_size": 5} | change)


def epoch(batches: ViewedBatches, number: int) -> list[tuple]:
    batches.begin_epoch(number)
    return [batches[index] for index in range(len(batches))]


def test_views_and_movements_depend_on_seed_and_epoch_alone(settings: Judge) -> None:
    batches, again, other = (ViewedBatches(IMAGES, np.arange(24), settings, seed) for seed in (7, 7, 8))
    history = [epoch(batches, number) for number in range(3)]

    np.random.default_rng(0).random(5)
    for a, b in zip(epoch(again, 2), history[2], strict=True):  # without the epochs before, as after a resumption
        np.testing.assert_array_equal(a[0], b[0])
        np.testing.assert_array_equal(a[1], b[1])
    assert not np.array_equal(history[0][0][0], history[1][0][0])
    assert not np.array_equal(history[0][0][0], epoch(other, 0)[0][0])


def test_every_image_is_shown_in_one_of_its_views_and_keeps_its_target(settings: Judge) -> None:
    batches = ViewedBatches(IMAGES, np.arange(24), still(settings), seed=7)
    floats = IMAGES / np.float32(255)
    known = [view(floats, floats.mean(axis=0)) for view in views(1).values()]

    found = set()
    for images, targets in (batch for number in range(6) for batch in epoch(batches, number)):
        assert (images.shape, images.dtype) == ((5, 12, 12, 1), np.float32)
        for image, target in zip(images, targets, strict=True):
            shown = [number for number, seen in enumerate(known) if np.allclose(seen[target], image, atol=1e-4)]
            assert len(shown) == 1, "an image in one of its views"
            found.update(shown)
    assert found == set(range(len(known)))


@pytest.mark.parametrize("change", [{"shift": 0.3}, {"turn": 0.2}, {"zoom": 0.3}, {"mirror": True}])
def test_batches_are_moved_as_the_settings_say(settings: Judge, change: dict) -> None:
    unmoved, moved = (
        epoch(ViewedBatches(IMAGES, np.arange(24), still(settings, **each), seed=7), 0) for each in ({}, change)
    )

    for a, b in zip(unmoved, moved, strict=True):
        np.testing.assert_array_equal(a[1], b[1])
        assert np.abs(a[0] - b[0]).max() > 0.1


def test_batches_of_large_images_are_averaged_as_the_judge_does_it(settings: Judge, rng: np.random.Generator) -> None:
    """Or it would be trained on other images than it reads."""
    images = rng.integers(0, 256, (5, 95, 93, 1), dtype=np.uint8)
    judge = feature_network((95, 93, 1), width=2, seed=7)
    averaged = keras.Model(judge.input, judge.layers[1].output)
    batches = ViewedBatches(images, np.arange(5), still(settings), seed=7)
    batches.views = [lambda images, mean: images]

    ((seen, targets),) = epoch(batches, 0)

    assert seen.shape == (5, 31, 31, 1)
    np.testing.assert_allclose(seen, averaged(images[targets] / np.float32(255)), atol=1e-5)


@pytest.mark.parametrize("image_shape", [(28, 28, 1), (32, 32, 3), (7, 7, 1), (50, 50, 1), (96, 96, 1)])
def test_classifier_gives_probabilities_from_128_features(
    image_shape: tuple[int, int, int], rng: np.random.Generator
) -> None:
    features = feature_network(image_shape, width=4, seed=7)
    images = rng.random((3, *image_shape))
    network = classifier(features, 6, seed=7)

    probabilities = network(rng.random((3, *network.input_shape[1:])), training=False).numpy()

    assert probabilities.shape == (3, 6)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    assert features(images).shape == (3, 128)
    # Images are halved until their side is at most 7, rounded up, with twice the filters and four times at most.
    last = [layer for layer in features.get_layer("trunk").layers if isinstance(layer, keras.layers.Conv2D)][-1]
    shapes = {28: (7, 7, 16), 32: (4, 4, 16), 7: (7, 7, 4), 50: (7, 7, 16), 96: (4, 4, 16)}
    assert last.output.shape[1:] == shapes[image_shape[0]]


def test_judge_learns_to_tell_the_classes_and_returns_its_features(image_set: ImageSet, settings: Judge) -> None:
    settings = settings.model_copy(update={"epochs": 12})

    judge, curves = train_judge(image_set, settings, seed=7)

    assert curves.index.tolist() == list(range(1, 13))
    assert {"loss", "accuracy"} == set(curves.columns)
    assert curves["accuracy"].iloc[-1] > 0.7
    assert curves["loss"].iloc[-1] < curves["loss"].iloc[0] / 2
    features = judge(image_set.images / np.float32(255)).numpy()
    assert features.shape == (48, 128)
    np.testing.assert_allclose(np.linalg.norm(features, axis=1), 1, rtol=1e-5)
    mated = image_set.labels[:, None] == image_set.labels
    similarity = features @ features.T
    assert similarity[mated].mean() > similarity[~mated].mean() + 0.1


def test_probabilities_are_the_softmax_of_scaled_cosines_to_unit_vectors_of_the_classes(
    image_set: ImageSet, whole: tuple[keras.Model, pd.DataFrame, keras.Model]
) -> None:
    """Or the features would be trained for something else than the nearest class mean by cosine."""
    features, _, trained = whole
    floats = image_set.images / np.float32(255)
    (classes,) = next(layer for layer in trained.layers if isinstance(layer, keras.layers.Dense)).get_weights()

    np.testing.assert_allclose(np.linalg.norm(classes, axis=0), 1, rtol=1e-5)
    cosines = features(floats).numpy() @ classes  # (48, 128) and (128, 3)
    exponentials = np.exp(SCALE * cosines)
    expected = exponentials / exponentials.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(trained(floats, training=False).numpy(), expected, atol=1e-5)


def test_small_classes_are_left_out(image_set: ImageSet, settings: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    fewer = image_set.take(np.arange(4, 48))  # 12 of the first class, 16 of the others
    seen: dict[str, np.ndarray] = {}
    monkeypatch.setattr(judge_module, "fit", lambda _, batches, *rest, **__: seen.update(targets=batches.targets))

    train_judge(fewer, settings.model_copy(update={"least_images": 13}), seed=7)

    assert seen["targets"].tolist() == np.repeat([0, 1], 16).tolist()
    with pytest.raises(InputError, match="fewer than two classes have 17 training images"):
        train_judge(fewer, settings.model_copy(update={"least_images": 17}), seed=7)


def test_same_seed_gives_the_same_judge(
    image_set: ImageSet, settings: Judge, whole: tuple[keras.Model, pd.DataFrame, keras.Model]
) -> None:
    first = whole[0].get_weights()
    again, other = (train_judge(image_set, settings, seed)[0].get_weights() for seed in (7, 8))

    for a, b in zip(first, again, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    assert not np.allclose(first[0], other[0])


def test_training_killed_twice_resumes_to_the_same_judge(
    tmp_path: Path,
    image_set: ImageSet,
    settings: Judge,
    whole: tuple[keras.Model, pd.DataFrame, keras.Model],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Views, drop-out and moving averages included."""
    judge, expected, _ = whole
    plain_begin = ViewedBatches.begin_epoch

    for killed_in in (1, 2):

        def kill(self: ViewedBatches, number: int, killed_in: int = killed_in) -> None:
            if number == killed_in:
                raise KeyboardInterrupt
            plain_begin(self, number)

        with monkeypatch.context() as patch:
            patch.setattr(ViewedBatches, "begin_epoch", kill)
            with pytest.raises(KeyboardInterrupt):
                train_judge(image_set, settings, 7, tmp_path)
    shown: list[tuple[int, dict[str, float]]] = []
    resumed, curves = train_judge(image_set, settings, 7, tmp_path, lambda epoch, row: shown.append((epoch, dict(row))))

    assert shown == [(epoch, row.to_dict()) for epoch, row in curves.iterrows()]
    for a, b in zip(judge.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(curves, expected, rtol=1e-4)
