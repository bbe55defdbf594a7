import shutil
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from keras import layers

from masquerade.distances.combined import combined
from masquerade.embedders.centring import centre
from masquerade.embedders.dense import dense
from masquerade.errors import InputError
from masquerade.generators.collapse import CollapsedGenerator
from masquerade.generators.unet import training as trainer
from masquerade.generators.unet.network import unet
from masquerade.generators.unet.params import Loss, Settings
from masquerade.generators.unet.training import ShortEpochs, train, trainer_network
from masquerade.params import Generator, Params
from masquerade.training import Batches

pytestmark = pytest.mark.slow

SHARED = Generator(alpha=0.2, beta=0.3, optimizer="sgd")
IMAGES = np.random.default_rng(0).integers(0, 256, (24, 8, 8, 1), dtype=np.uint8)
TEST = np.random.default_rng(1).integers(0, 256, (16, 8, 8, 1), dtype=np.uint8)


@pytest.fixture(autouse=True)
def epochs(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Two epochs a training, or as many as a test says."""

    def set_epochs(count: int) -> None:
        monkeypatch.setattr(trainer, "EPOCHS", count)

    set_epochs(2)
    return set_epochs


@pytest.fixture(scope="module")
def chosen(params: Params) -> Settings:
    settings: Settings = params.modality("digits").settings("unet")
    training = {"batch_size": 8, "learning_rate": 1e-2, "steps": 6, "jit_compile": False}
    return settings.model_copy(
        update={
            "width": 4,
            "depth": 1,
            "normalisation": "none",
            "loss": Loss(distance="mse", pi_emb=0.75),
            "training": settings.training.model_copy(update=training),
        }
    )


@pytest.fixture(scope="module")
def embedder() -> keras.Model:
    return centre(dense((8, 8, 1), hidden=16, dimension=4, seed=1), np.full(4, 0.1))


@pytest.fixture(scope="module")
def resumable(chosen: Settings) -> Settings:
    """Twelve steps. Moving averages are state too."""
    return chosen.changed({"normalisation": "batch", "loss": {"pi_emb": "auto"}, "training": {"steps": 12}})


Whole = tuple[keras.Model, pd.DataFrame, Path]


@pytest.fixture(scope="module")
def whole(embedder: keras.Model, resumable: Settings, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """The training of four epochs that nothing interrupts, and its backup."""
    backup = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trainer, "EPOCHS", 4)
        return *train(embedder, IMAGES, TEST, resumable, SHARED, 7, backup), backup


def d_emb(embedder: keras.Model, generator: keras.Model, images: np.ndarray) -> np.ndarray:
    floats = images / np.float32(255)
    return np.sum((embedder(floats).numpy() - embedder(generator(floats)).numpy()) ** 2, axis=1)


def test_only_the_generator_is_trainable_even_if_the_embedder_came_trainable() -> None:
    generator, embedder = unet((8, 8, 1), width=4, depth=1, normalisation="batch"), dense((8, 8, 1), 16, 4)
    assert embedder.trainable_variables

    network = trainer_network(generator, embedder)

    assert [id(v) for v in network.trainable_variables] == [id(v) for v in generator.trainable_variables]
    assert len(network.trainable_variables) > 0


def test_outputs_are_the_template_and_its_embedding(embedder: keras.Model) -> None:
    generator = unet((8, 8, 1), width=4, depth=1)
    images = TEST / np.float32(255)

    outputs = trainer_network(generator, embedder)(images)

    np.testing.assert_allclose(outputs["generated"], generator(images), atol=1e-6)
    np.testing.assert_allclose(outputs["embedding"], embedder(generator(images)), atol=1e-6)


def test_embedding_loss_reaches_the_generator_through_the_embedder(embedder: keras.Model) -> None:
    generator = unet((8, 8, 1), width=4, depth=1)
    network = trainer_network(generator, embedder)
    with tf.GradientTape() as tape:
        loss = keras.ops.sum(network(TEST / np.float32(255))["embedding"][:, 0])

    gradients = tape.gradient(loss, [v.value for v in network.trainable_variables])

    assert all(np.any(gradient) for gradient in gradients)


def test_embedder_with_batch_normalisation_does_not_learn_from_templates() -> None:
    embedder = keras.Sequential([layers.Input((8, 8, 1)), layers.BatchNormalization(), layers.Flatten()])
    network = trainer_network(unet((8, 8, 1), width=4, depth=1), embedder)
    before = [weight.copy() for weight in embedder.get_weights()]

    network(TEST / np.float32(255), training=True)

    for a, b in zip(before, embedder.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.usefixtures("eagerly")
def test_training_changes_every_weight_of_g_and_none_of_f(embedder: keras.Model, chosen: Settings) -> None:
    before = [weight.copy() for weight in embedder.get_weights()]

    generator, _ = train(embedder, IMAGES, TEST, chosen, SHARED, seed=7)

    untrained = unet((8, 8, 1), width=4, depth=1, seed=7)
    for a, b in zip(before, embedder.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    for a, b in zip(generator.get_weights(), untrained.get_weights(), strict=True):
        assert not np.array_equal(a, b)


@pytest.mark.usefixtures("eagerly")
@pytest.mark.parametrize("pi_emb", [0.0, 0.75, 1.0])
def test_eq_7_weighs_the_two_losses_and_curves_record_eq_8_to_10(
    embedder: keras.Model, chosen: Settings, pi_emb: float, epochs: Callable[[int], None]
) -> None:
    epochs(1)
    # So small a step changes nothing, so that the curves belong to the generator that is returned.
    chosen = chosen.model_copy(
        update={
            "loss": Loss(distance="mse", pi_emb=pi_emb),
            "training": chosen.training.model_copy(update={"learning_rate": 1e-12, "steps": 3}),
        }
    )
    generator, curves = train(embedder, IMAGES, TEST, chosen, SHARED, seed=7)

    for prefix, images in (("", IMAGES), ("val_", TEST)):
        floats = images / np.float32(255)
        image_loss = -np.mean((generator(floats).numpy() - floats) ** 2)
        distances = d_emb(embedder, generator, images)
        embedding_loss = np.mean(np.maximum(distances - 0.2, 0))
        assert embedding_loss > 0.01  # or the test would not see its weight
        row = curves.loc[1]
        assert row[f"{prefix}generated_loss"] == pytest.approx(image_loss, rel=1e-4)
        assert row[f"{prefix}embedding_loss"] == pytest.approx(embedding_loss, rel=1e-4)
        assert row[f"{prefix}embedding_d_emb"] == pytest.approx(distances.mean(), rel=1e-4)
        assert row[f"{prefix}loss"] == pytest.approx((1 - pi_emb) * image_loss + pi_emb * embedding_loss, rel=1e-4)


def test_training_lowers_the_loss_and_weights_choose_the_direction(
    embedder: keras.Model, chosen: Settings, epochs: Callable[[int], None]
) -> None:
    epochs(12)

    def trained(pi_emb: float) -> tuple[float, float]:
        its = chosen.model_copy(
            update={
                "loss": Loss(distance="mse", pi_emb=pi_emb),
                "training": chosen.training.model_copy(update={"steps": 36}),
            }
        )
        generator, curves = train(embedder, IMAGES, None, its, SHARED, seed=7)
        assert curves["loss"].iloc[-1] < curves["loss"].iloc[0]
        floats = IMAGES / np.float32(255)
        return np.mean((generator(floats).numpy() - floats) ** 2), d_emb(embedder, generator, IMAGES).mean()

    (far, lost), (near, kept) = trained(0.01), trained(0.99)

    assert far > near
    assert lost > kept


@pytest.mark.usefixtures("eagerly")
def test_same_seed_gives_the_same_generator(embedder: keras.Model, chosen: Settings) -> None:
    first, again = (train(embedder, IMAGES, TEST, chosen, SHARED, 7)[0].get_weights()[0] for _ in range(2))

    np.testing.assert_allclose(first, again, rtol=1e-5)


def test_auto_trains_with_the_weight_that_its_curves_show(
    embedder: keras.Model, chosen: Settings, epochs: Callable[[int], None]
) -> None:
    epochs(4)
    chosen = chosen.changed({"loss": {"pi_emb": "auto"}, "training": {"learning_rate": 1e-12, "steps": 12}})
    generator, curves = train(embedder, IMAGES, TEST, chosen, SHARED, seed=7)

    pi_emb = curves["multiplier"] / (1 + curves["multiplier"])
    weighted = (1 - pi_emb) * curves["generated_loss"] + pi_emb * curves["embedding_loss"]
    assert pi_emb.is_monotonic_increasing  # this G is beyond α
    assert pi_emb.is_unique
    assert (curves["margin"].iloc[1:] < SHARED.alpha).all()
    np.testing.assert_allclose(curves["loss"], weighted, rtol=1e-4)
    weighted = (1 - pi_emb) * curves["val_generated_loss"] + pi_emb * curves["val_embedding_loss"]
    np.testing.assert_allclose(curves["val_loss"], weighted, rtol=1e-4)
    beyond = [np.maximum(d_emb(embedder, generator, TEST) - margin, 0).mean() for margin in curves["margin"]]
    np.testing.assert_allclose(curves["val_embedding_loss"], beyond, rtol=1e-4)


def test_auto_without_images_to_validate_with_is_refused(embedder: keras.Model, chosen: Settings) -> None:
    with pytest.raises(InputError, match=r"loss.pi_emb: auto needs images to validate with"):
        train(embedder, IMAGES, None, chosen.changed({"loss": {"pi_emb": "auto"}}), SHARED, seed=7)


def test_killed_training_resumes_to_the_same_generator(
    tmp_path: Path,
    embedder: keras.Model,
    resumable: Settings,
    monkeypatch: pytest.MonkeyPatch,
    epochs: Callable[[int], None],
    whole: Whole,
) -> None:
    epochs(4)
    generator, expected, _ = whole
    kills = [1, 3]

    class Killer(keras.callbacks.Callback):
        def __init__(self, *_: object) -> None:
            super().__init__()

        def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
            if epoch == kills[0]:
                raise KeyboardInterrupt

    while kills:
        with monkeypatch.context() as patch:
            patch.setattr(trainer, "CollapseGuard", Killer)
            with pytest.raises(KeyboardInterrupt):
                train(embedder, IMAGES, TEST, resumable, SHARED, 7, tmp_path)
        kills = kills[1:]
    shown: list[tuple[int, dict[str, float]]] = []
    resumed, curves = train(
        embedder, IMAGES, TEST, resumable, SHARED, 7, tmp_path, lambda epoch, row: shown.append((epoch, dict(row)))
    )

    assert shown == [(epoch, row.to_dict()) for epoch, row in curves.iterrows()]
    for a, b in zip(generator.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(curves, expected, rtol=1e-5)


def test_damaged_state_repeats_the_search_for_the_weight_too(
    tmp_path: Path,
    embedder: keras.Model,
    resumable: Settings,
    capsys: pytest.CaptureFixture,
    epochs: Callable[[int], None],
    whole: Whole,
) -> None:
    epochs(4)
    generator, expected, backup = whole
    shutil.copytree(backup, tmp_path, dirs_exist_ok=True)
    (tmp_path / "state.npz").write_bytes(b"")
    capsys.readouterr()

    again, curves = train(embedder, IMAGES, TEST, resumable, SHARED, 7, tmp_path)

    output = capsys.readouterr()
    assert output.out.count("epoch ") == 4
    assert output.err.count("; training starts again") == 1
    for a, b in zip(generator.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(curves, expected, rtol=1e-5)


def constant(image_shape: tuple[int, int, int], *_: object) -> keras.Model:
    """A G that ignores its input and has one weight to train."""
    images = layers.Input(image_shape)
    return keras.Model(images, layers.Conv2D(1, 1, kernel_initializer="zeros", kernel_constraint="non_neg")(images * 0))


def test_collapsed_generator_stops_unless_nobody_watches(
    embedder: keras.Model, chosen: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trainer, "unet", constant)

    with pytest.raises(CollapsedGenerator, match="too large a learning rate, too small a pi_emb or too large an alpha"):
        train(embedder, IMAGES, TEST, chosen, SHARED, seed=7)

    generator, _ = train(embedder, IMAGES, None, chosen, SHARED, seed=7)
    assert np.ptp(generator(TEST / np.float32(255)).numpy(), axis=0).max() == 0


def test_exploding_training_stops_with_its_cause(embedder: keras.Model, chosen: Settings) -> None:
    chosen = chosen.model_copy(
        update={"training": chosen.training.model_copy(update={"learning_rate": 1e30, "steps": 12})}
    )
    with pytest.raises(InputError, match=r"too large a learning rate: lower it"):
        train(embedder, IMAGES, None, chosen, SHARED, seed=7)


def test_unknown_optimizer_is_named_with_its_key(embedder: keras.Model, chosen: Settings) -> None:
    with pytest.raises(InputError, match=r"generator.optimizer: 'adem' is not a Keras optimizer"):
        train(embedder, IMAGES, TEST, chosen, Generator(alpha=0.2, beta=0.3, optimizer="adem"), seed=7)


def test_distance_and_beta_come_from_the_parameters(
    embedder: keras.Model, chosen: Settings, epochs: Callable[[int], None]
) -> None:
    epochs(1)
    loss, training = {"distance": "combined", "pi_emb": 0.5}, {"learning_rate": 1e-12}
    generator, curves = train(embedder, IMAGES, TEST, chosen.changed({"loss": loss, "training": training}), SHARED, 7)

    floats = TEST / np.float32(255)
    expected = -float(keras.ops.mean(combined(generator(floats), floats, beta=0.3)))
    assert curves["val_generated_loss"].iloc[0] == pytest.approx(expected, rel=1e-4)
    assert curves.attrs["images"] == 6 * 8


def test_short_epochs_show_every_image_once_before_any_again() -> None:
    numbered = np.broadcast_to(np.arange(24, dtype=np.float32)[:, None, None, None], (24, 8, 8, 1))
    batches = ShortEpochs(2, numbered, None, 8, 7)
    seen = []
    for epoch in range(20):
        batches.begin_epoch(epoch)
        seen.append({int(image[0, 0, 0]) for index in range(len(batches)) for image in batches[index][0]})

    assert len(seen[0]) == 16
    assert seen[0] | seen[1] == set(range(24))  # the first eight of the second epoch are the rest of the first pass
    assert len({frozenset(shown) for shown in seen}) > 10


def test_short_epochs_repeat_a_small_data_set() -> None:
    numbered = np.broadcast_to(np.arange(12, dtype=np.float32)[:, None, None, None], (12, 8, 8, 1))
    batches = ShortEpochs(3, numbered, None, 8, 7)  # 24 images
    shown = [int(image[0, 0, 0]) for index in range(len(batches)) for image in batches[index][0]]

    assert sorted(shown) == sorted(2 * list(range(12)))


def test_another_brightness_is_a_copy_and_noise_is_none() -> None:
    x = layers.Input((8, 8, 1))
    noise = np.random.default_rng(2).random((1, 8, 8, 1)).astype(np.float32)

    assert trainer.copied(keras.Model(x, 1 - x), IMAGES) == ["G copies its input in other grey levels: R² 1.00"]
    assert trainer.copied(keras.Model(x, 0 * x + noise), IMAGES) == []


@pytest.mark.parametrize(("steps", "count", "expected"), [(6, 2, (2, 3)), (7, 3, (2, 3)), (2, 40, (2, 1))])
def test_steps_are_divided_into_epochs(
    embedder: keras.Model,
    chosen: Settings,
    monkeypatch: pytest.MonkeyPatch,
    epochs: Callable[[int], None],
    steps: int,
    count: int,
    expected: tuple[int, int],
) -> None:
    caught: list[tuple[int, int]] = []

    def fit(network: keras.Model, batches: Batches, held_out: object, epochs: int, *_: object) -> object:
        caught.append((epochs, len(batches)))
        return pd.DataFrame()

    epochs(count)
    monkeypatch.setattr(trainer, "fit", fit)
    train(embedder, IMAGES, TEST, chosen.changed({"training": {"steps": steps}}), SHARED, 7)

    assert caught == [expected]
