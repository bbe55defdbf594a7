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
from masquerade.generators.veiled.training import Mixtures, far, saturated, train
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
    "grain": 2,
    "scramble": True,
    "width": 8,
    "batch_size": 8,
    "learning_rate": 1e-2,
    "steps": 20,
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
    """The generator of a training that nothing interrupts, and its curves."""
    return train(embedder, IMAGES, OTHERS, veiled.model_copy(update={"steps": 30}), SHARED, 7)


@pytest.fixture
def vectors(unit_vectors: UnitVectors) -> np.ndarray:
    return unit_vectors(np.arange(24), dimension=4)


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


def test_training_changes_every_weight_of_the_decoder_and_none_of_f_nor_the_carrier(
    embedder: keras.Model, veiled: Settings
) -> None:
    before = [weight.copy() for weight in embedder.get_weights()]

    generator, _ = train(embedder, IMAGES, OTHERS, veiled, SHARED, seed=7)

    for a, b in zip(before, embedder.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    untrained = veil(4, (8, 8, 1), veiled, seed=7)
    trained = generator.get_layer("veil")
    for a, b in zip(trained.trainable_variables, untrained.trainable_variables, strict=True):
        assert not np.array_equal(a, b), a.path
    fixed = [[layer for layer in network.layers if not layer.trainable] for network in (trained, untrained)]
    for layer, same in zip(*fixed, strict=True):
        if layer.name != "blend":  # ε grows
            np.testing.assert_array_equal(layer.get_weights(), same.get_weights())


def test_embedder_with_batch_normalisation_does_not_learn_from_templates(veiled: Settings) -> None:
    embedder = keras.Sequential(
        [layers.Input((8, 8, 1)), layers.BatchNormalization(), layers.Flatten(), layers.Dense(4)]
    )
    before = [weight.copy() for weight in embedder.get_weights()]

    train(embedder, IMAGES, OTHERS, veiled, SHARED, seed=7)

    for a, b in zip(before, embedder.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_curves_record_what_each_loss_sees(embedder: keras.Model, veiled: Settings) -> None:
    # So small a step changes nothing, so that the curves belong to the generator that is returned.
    veiled = veiled.model_copy(update={"learning_rate": 1e-12, "steps": 1})

    generator, curves = train(embedder, IMAGES, OTHERS, veiled, SHARED, seed=7)

    vectors = predict(embedder, np.concatenate([IMAGES, OTHERS]))
    batch = drawn(Mixtures(vectors, steps=1, batch_size=8, seed=7), 0)
    decoded = generator.get_layer("veil")(batch)
    distances = np.sum((embedder(decoded["template"]).numpy() - batch) ** 2, axis=1)
    squares = np.mean(decoded["residual"].numpy() ** 2, axis=(1, 2, 3))
    row = curves.loc[1]
    assert row["embedding_d_emb"] == pytest.approx(distances.mean(), rel=1e-4)
    assert row["embedding_loss"] == pytest.approx(np.maximum(distances - 0.02, 0).mean(), rel=1e-4)
    assert row["residual_square"] == pytest.approx(squares.mean(), rel=1e-4)
    assert row["residual_loss"] == pytest.approx(np.maximum(squares - 0.6, 0).mean(), abs=1e-5)
    assert row["loss"] == pytest.approx(row["embedding_loss"] + row["residual_loss"], rel=1e-4)
    assert row["epsilon"] == pytest.approx(0.1)


def test_training_brings_templates_to_embeddings_it_has_not_seen(embedder: keras.Model, veiled: Settings) -> None:
    """Each epoch has other mixtures, so its own curves show it."""
    veiled = veiled.model_copy(update={"steps": 400})

    _, curves = train(embedder, IMAGES, OTHERS, veiled, SHARED, seed=7)

    assert curves["embedding_d_emb"].iloc[0] > 1  # 2 is what unrelated vectors have
    assert curves["embedding_d_emb"].iloc[-1] < 0.4
    assert curves["epsilon"].is_monotonic_increasing
    assert curves["epsilon"].iloc[-1] > 0.1
    assert curves["residual_square"].iloc[-1] < 0.7
    assert curves.attrs["warnings"] == far(curves)


def test_training_ends_once_templates_are_near_enough(
    embedder: keras.Model, veiled: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("masquerade.generators.veiled.amplitude.ENOUGH", 0.7)

    _, curves = train(embedder, IMAGES, OTHERS, veiled.model_copy(update={"steps": 400}), SHARED, seed=7)

    assert len(curves) < 10
    assert curves["embedding_d_emb"].iloc[-1] <= 0.7 < curves["embedding_d_emb"].iloc[-2]


def test_decoder_that_learns_nothing_is_a_warning(embedder: keras.Model, veiled: Settings) -> None:
    _, curves = train(embedder, IMAGES, OTHERS, veiled.model_copy(update={"learning_rate": 1e-12}), SHARED, seed=7)

    d_emb = curves["embedding_d_emb"].iloc[-1]
    assert curves.attrs["warnings"] == [f"the decoder has learnt little: d_emb {d_emb:.2f} before the refinement"]


def test_training_gives_every_warning(embedder: keras.Model, veiled: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("masquerade.generators.veiled.training.SATURATED", 0.0)

    _, curves = train(embedder, IMAGES, OTHERS, veiled.model_copy(update={"learning_rate": 1e-12}), SHARED, seed=7)

    square = curves["residual_square"].iloc[-1]
    little, full = curves.attrs["warnings"]
    assert little.startswith("the decoder has learnt little")
    assert full == f"the decoder is saturated: mean square of tanh(U) {square:.2f}"


@pytest.mark.parametrize(
    ("d_emb", "warnings"),
    [
        (0.2, []),
        (0.66, ["the decoder alone ends at d_emb 0.66, beyond 0.2: the refinement at enrolment must do the rest"]),
        (1.01, ["the decoder has learnt little: d_emb 1.01 before the refinement"]),
    ],
)
def test_decoder_that_ends_far_off_is_a_warning(d_emb: float, warnings: list[str]) -> None:
    assert far(pd.DataFrame({"embedding_d_emb": [1.9, d_emb]})) == warnings
    assert far(pd.DataFrame({"embedding_d_emb": [d_emb, 0.1]})) == []  # how it began does not matter


def test_decoder_that_is_saturated_is_a_warning() -> None:
    assert saturated(pd.DataFrame({"residual_square": [0.9, 0.8]})) == []
    assert saturated(pd.DataFrame({"residual_square": [0.4, 0.88]})) == [
        "the decoder is saturated: mean square of tanh(U) 0.88"
    ]


def test_generator_takes_images_and_draws_from_their_embeddings(
    embedder: keras.Model, veiled: Settings, rng: np.random.Generator
) -> None:
    generator, curves = train(embedder, IMAGES, OTHERS, veiled, SHARED, seed=7)
    images = rng.random((5, 8, 8, 1)).astype(np.float32)

    templates = generator(images).numpy()

    np.testing.assert_allclose(templates, generator.get_layer("veil")(embedder(images))["template"], atol=1e-3)
    room = curves["epsilon"].iloc[-1] + veiled.noise
    carrier = room + (1 - 2 * room) * read_carrier(veiled, (8, 8, 1), 7)
    assert np.abs(templates - carrier).max() <= room + 1e-5


def test_same_seed_gives_the_same_generator(
    embedder: keras.Model, veiled: Settings, whole: tuple[keras.Model, pd.DataFrame]
) -> None:
    again, _ = train(embedder, IMAGES, OTHERS, veiled.model_copy(update={"steps": 30}), SHARED, 7)

    for a, b in zip(whole[0].get_weights(), again.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)


def test_training_killed_twice_resumes_to_the_same_generator(
    tmp_path: Path,
    embedder: keras.Model,
    veiled: Settings,
    whole: tuple[keras.Model, pd.DataFrame],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    veiled = veiled.model_copy(update={"steps": 30})
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


def test_learning_rate_rises_for_a_tenth_of_the_steps_and_falls_to_zero(
    embedder: keras.Model, veiled: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from masquerade.generators.veiled import training as veiled_trainer

    rates: list[float] = []

    def fit(network: keras.Model, *rest: Any, **options: Any) -> object:
        rates.extend(float(network.optimizer._learning_rate(step)) for step in (0, 1, 2, 11, 20))
        return plain_fit(network, *rest)

    monkeypatch.setattr(veiled_trainer, "fit", fit)
    settings = veiled.model_copy(update={"steps": 20, "learning_rate": 0.01})
    train(embedder, IMAGES, OTHERS, settings, SHARED, seed=7)

    # 2 of 20 steps up, then a cosine over 18: half of the way after 9 of them.
    assert rates == pytest.approx([0, 0.005, 0.01, 0.005, 0], abs=1e-6)
