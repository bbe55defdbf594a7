from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
from fixture_types import UnitVectors
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

from masquerade.embedders.centring import centre
from masquerade.embedders.dense import dense
from masquerade.errors import InputError
from masquerade.generators.veiled.network import read_carrier, veil
from masquerade.generators.veiled.params import Settings
from masquerade.generators.veiled.training import HELD_BACK, Mixtures, ResidualLoss, mixed, saturated, train
from masquerade.params import Generator, Params
from masquerade.training import fit as plain_fit
from masquerade.training import predict

pytestmark = pytest.mark.slow

SHARED = Generator(alpha=0.2, beta=0.5, optimizer="adam")
IMAGES = np.random.default_rng(0).integers(0, 256, (24, 8, 8, 1), dtype=np.uint8)
OTHERS = np.random.default_rng(1).integers(0, 256, (16, 8, 8, 1), dtype=np.uint8)
SETTINGS = {
    "carrier": "noise",
    "noise": 0.1,
    "epsilon": 0.4,
    "grain": 2,
    "scramble": True,
    "width": 8,
    "penalty": 0.1,
    "d_emb": 0.1,
    "batch_size": 8,
    "learning_rate": 1e-2,
    "epochs": 2,
    "steps": 6,
}


@pytest.fixture(scope="module")
def veiled(params: Params) -> Settings:
    chosen: Settings = params.modality("digits").settings("veiled")
    return chosen.model_copy(update=SETTINGS)


@pytest.fixture(scope="module")
def embedder() -> keras.Model:
    return centre(dense((8, 8, 1), hidden=16, dimension=4, seed=1), np.full(4, 0.1))


@pytest.fixture(scope="module")
def whole(embedder: keras.Model, veiled: Settings) -> tuple[keras.Model, pd.DataFrame]:
    """The generator of three epochs that nothing interrupts, and its curves."""
    return train(embedder, IMAGES, OTHERS, veiled.model_copy(update={"epochs": 3}), SHARED, 7)


@pytest.fixture
def vectors(unit_vectors: UnitVectors) -> np.ndarray:
    return unit_vectors(np.arange(24), dimension=4)


@pytest.fixture
def held_back(embedder: keras.Model) -> np.ndarray:
    """What a training of one epoch with seed 7 is watched on."""
    return mixed(predict(embedder, np.concatenate([IMAGES, OTHERS])), HELD_BACK, np.random.default_rng([7, 1]))


def drawn(mixtures: Mixtures, epoch: int) -> np.ndarray:
    mixtures.begin_epoch(epoch)
    return np.concatenate([mixtures[index][0] for index in range(len(mixtures))])


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 2**32 - 1), dimension=st.integers(2, 6), steps=st.integers(1, 4))
def test_mixtures_are_unit_vectors_in_the_span_of_the_training_vectors(seed: int, dimension: int, steps: int) -> None:
    two = np.random.default_rng(seed).normal(size=(2, dimension)).astype(np.float32)
    two /= np.linalg.norm(two, axis=1, keepdims=True)

    mixtures = drawn(Mixtures(two, steps=steps, batch_size=2, seed=seed), 0)

    assert (mixtures.shape, mixtures.dtype) == ((2 * steps, dimension), np.dtype(np.float32))
    np.testing.assert_allclose(np.linalg.norm(mixtures, axis=1), 1, atol=1e-4)
    basis = np.linalg.svd(two.astype(np.float64), full_matrices=False)[2]
    np.testing.assert_allclose(mixtures @ basis.T @ basis, mixtures, atol=2e-3)


def test_mixtures_lie_beyond_the_training_vectors_as_well_as_between_them() -> None:
    east_and_north = np.eye(2, dtype=np.float32)

    mixed = drawn(Mixtures(east_and_north, steps=100, batch_size=10, seed=0), 0)

    quadrants = np.bincount(2 * (mixed[:, 0] > 0) + (mixed[:, 1] > 0), minlength=4)
    assert quadrants.min() > 150  # of 1,000; between east and north is one of four


def test_mixtures_depend_on_seed_and_epoch_alone(vectors: np.ndarray) -> None:
    mixtures, again, other = (Mixtures(vectors, 3, 8, seed) for seed in (7, 7, 8))
    history = [drawn(mixtures, epoch) for epoch in range(3)]

    np.random.default_rng(0).random(5)
    np.testing.assert_array_equal(drawn(again, 2), history[2])  # without the epochs before, as after a resumption
    np.testing.assert_array_equal(drawn(again, 0), history[0])
    assert len(np.unique(np.concatenate(history), axis=0)) == 3 * 24
    assert not np.array_equal(drawn(other, 0), history[0])


def test_an_epoch_has_its_steps_and_every_vector_is_its_own_target(vectors: np.ndarray) -> None:
    mixtures = Mixtures(vectors, steps=5, batch_size=8, seed=7)

    assert len(mixtures) == 5
    for inputs, targets in (mixtures[index] for index in range(5)):
        assert inputs.shape == (8, 4)
        np.testing.assert_array_equal(targets["embedding"], inputs)


def test_residual_loss_is_the_mean_square_of_each_image() -> None:
    residuals = np.stack(
        [np.zeros((2, 2, 1)), np.full((2, 2, 1), -0.5), np.array([0, 0, 0, 1], np.float32).reshape(2, 2, 1)]
    )

    loss = ResidualLoss(reduction=None)(np.zeros((3, 1, 1, 1)), residuals)

    np.testing.assert_allclose(loss, [0, 0.25, 0.25])


def test_training_changes_every_weight_of_the_decoder_and_none_of_f_nor_the_carrier(
    embedder: keras.Model, veiled: Settings
) -> None:
    before = [weight.copy() for weight in embedder.get_weights()]

    generator, _ = train(embedder, IMAGES, OTHERS, veiled, SHARED, seed=7)

    for a, b in zip(before, embedder.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    untrained = veil(4, read_carrier(veiled, (8, 8, 1), 7), veiled, seed=7)
    trained = generator.get_layer("veil")
    for a, b in zip(trained.trainable_variables, untrained.trainable_variables, strict=True):
        assert not np.array_equal(a, b), a.path
    for a, b in zip(trained.non_trainable_variables, untrained.non_trainable_variables, strict=True):
        np.testing.assert_array_equal(a, b)


def test_embedder_with_batch_normalisation_does_not_learn_from_templates(veiled: Settings) -> None:
    embedder = keras.Sequential(
        [layers.Input((8, 8, 1)), layers.BatchNormalization(), layers.Flatten(), layers.Dense(4)]
    )
    before = [weight.copy() for weight in embedder.get_weights()]

    train(embedder, IMAGES, OTHERS, veiled, SHARED, seed=7)

    for a, b in zip(before, embedder.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("penalty", [0.0, 0.25, 1.0])
def test_curves_record_both_losses_and_weigh_them(
    embedder: keras.Model, veiled: Settings, held_back: np.ndarray, penalty: float
) -> None:
    # So small a step changes nothing, so that the curves belong to the generator that is returned.
    veiled = veiled.model_copy(update={"learning_rate": 1e-12, "epochs": 1, "penalty": penalty})

    generator, curves = train(embedder, IMAGES, OTHERS, veiled, SHARED, seed=7)

    decoded = generator.get_layer("veil")(held_back)
    distances = np.sum((embedder(decoded["template"]).numpy() - held_back) ** 2, axis=1)
    residual = np.mean(decoded["residual"].numpy() ** 2)
    embedding = np.mean(np.maximum(distances - 0.1, 0))
    assert embedding > 0.01  # or the test would not see its weight
    row = curves.loc[1]
    assert row["val_residual_loss"] == pytest.approx(residual, rel=1e-4)
    assert row["val_embedding_loss"] == pytest.approx(embedding, rel=1e-4)
    assert row["val_embedding_d_emb"] == pytest.approx(distances.mean(), rel=1e-4)
    assert row["val_loss"] == pytest.approx(penalty * residual + (1 - penalty) * embedding, rel=1e-4)
    weighted = penalty * row["residual_loss"] + (1 - penalty) * row["embedding_loss"]
    assert row["loss"] == pytest.approx(weighted, rel=1e-4)


def test_training_brings_templates_to_embeddings_it_has_not_seen(
    embedder: keras.Model, veiled: Settings, vectors: np.ndarray
) -> None:
    veiled = veiled.model_copy(update={"epochs": 6, "steps": 40, "penalty": 0.0})

    _, curves = train(embedder, IMAGES, OTHERS, veiled, SHARED, seed=7)

    assert curves.index.tolist() == [1, 2, 3, 4, 5, 6]
    assert curves["loss"].iloc[-1] < 0.4 * curves["loss"].iloc[0]
    assert curves["val_embedding_d_emb"].iloc[-1] < 0.5  # 2 is what unrelated vectors have


def test_held_back_mixtures_are_in_no_epoch(vectors: np.ndarray) -> None:
    mixtures = Mixtures(vectors, steps=4, batch_size=8, seed=7)
    held_back = mixed(vectors, HELD_BACK, np.random.default_rng([7, 2]))
    for epoch in range(2):
        nearest = (drawn(mixtures, epoch) @ held_back.T).max()
        assert nearest < 1 - 1e-6


@pytest.mark.parametrize(("square", "warnings"), [(0.8, 0), (0.81, 1)])
def test_saturated_decoder_is_a_warning(square: float, warnings: int) -> None:
    found = saturated(pd.DataFrame({"residual_loss": [0.9, square]}))

    assert len(found) == warnings
    assert found == warnings * ["the decoder is saturated: mean square of tanh(U) 0.81"]


def test_penalty_alone_leaves_the_carrier(embedder: keras.Model, veiled: Settings) -> None:
    veiled = veiled.model_copy(update={"epochs": 6, "steps": 40, "penalty": 1.0, "noise": 0.0})

    generator, curves = train(embedder, IMAGES, OTHERS, veiled, SHARED, seed=7)

    assert curves["residual_loss"].iloc[-1] < curves["residual_loss"].iloc[0] / 10
    template = generator(np.zeros((1, 8, 8, 1), np.float32)).numpy()
    assert np.abs(template - read_carrier(veiled, (8, 8, 1), 7)).mean() < 0.05


def test_generator_takes_images_and_draws_from_their_embeddings(
    embedder: keras.Model, veiled: Settings, rng: np.random.Generator
) -> None:
    generator, _ = train(embedder, IMAGES, OTHERS, veiled, SHARED, seed=7)
    images = rng.random((5, 8, 8, 1)).astype(np.float32)

    templates = generator(images).numpy()

    np.testing.assert_allclose(templates, generator.get_layer("veil")(embedder(images))["template"], atol=1e-3)
    assert np.abs(templates - read_carrier(veiled, (8, 8, 1), 7)).max() <= veiled.epsilon + veiled.noise + 1e-5


def test_same_seed_gives_the_same_generator(
    embedder: keras.Model, veiled: Settings, whole: tuple[keras.Model, pd.DataFrame]
) -> None:
    again, _ = train(embedder, IMAGES, OTHERS, veiled.model_copy(update={"epochs": 3}), SHARED, 7)

    for a, b in zip(whole[0].get_weights(), again.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)


def test_training_killed_twice_resumes_to_the_same_generator(
    tmp_path: Path,
    embedder: keras.Model,
    veiled: Settings,
    whole: tuple[keras.Model, pd.DataFrame],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    veiled = veiled.model_copy(update={"epochs": 3})
    generator, expected = whole
    plain_begin = Mixtures.begin_epoch

    for killed_in in (1, 2):

        def kill(self: Mixtures, epoch: int, killed_in: int = killed_in) -> None:
            if epoch == killed_in:
                raise KeyboardInterrupt
            plain_begin(self, epoch)

        with monkeypatch.context() as patch:
            patch.setattr(Mixtures, "begin_epoch", kill)
            with pytest.raises(KeyboardInterrupt):
                train(embedder, IMAGES, OTHERS, veiled, SHARED, 7, tmp_path)
    shown: list[tuple[int, dict[str, float]]] = []
    resumed, curves = train(
        embedder, IMAGES, OTHERS, veiled, SHARED, 7, tmp_path, lambda epoch, row: shown.append((epoch, dict(row)))
    )

    assert shown == [(epoch, row.to_dict()) for epoch, row in curves.iterrows()]
    for a, b in zip(generator.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(curves, expected, rtol=1e-5)


def test_missing_cover_image_stops_before_the_training(embedder: keras.Model, veiled: Settings) -> None:
    with pytest.raises(InputError, match=r"/nowhere/cover.png"):
        train(embedder, IMAGES, OTHERS, veiled.model_copy(update={"carrier": "/nowhere/cover.png"}), SHARED, 7)


def test_committed_settings_fit_the_images(params: Params) -> None:
    """T is not clipped, and the training aims below α."""
    for name in params.modalities:
        veiled = params.modality(name).settings("veiled")
        assert veiled.epsilon + veiled.noise <= 0.5
        assert veiled.d_emb < params.generator.alpha


def test_learning_rate_rises_for_a_tenth_of_the_steps_and_falls_to_zero(
    embedder: keras.Model, veiled: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from masquerade.generators.veiled import training as veiled_trainer

    rates: list[float] = []

    def fit(network: keras.Model, *rest: Any, **options: Any) -> object:
        rates.extend(float(network.optimizer._learning_rate(step)) for step in (0, 1, 2, 11, 20))
        return plain_fit(network, *rest)

    monkeypatch.setattr(veiled_trainer, "fit", fit)
    settings = veiled.model_copy(update={"epochs": 2, "steps": 10, "learning_rate": 0.01})
    train(embedder, IMAGES, OTHERS, settings, SHARED, seed=7)

    # 2 of 20 steps up, then a cosine over 18: half of the way after 9 of them.
    assert rates == pytest.approx([0, 0.005, 0.01, 0.005, 0], abs=1e-6)
