from collections.abc import Mapping, Sequence
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
from keras import layers
from small_trainings import IMAGES, Kill, KilledError, batches, plain_network

from masquerade.errors import InputError
from masquerade.resume import FailedTraining
from masquerade.training import Batches, Course, Row, fit

pytestmark = pytest.mark.slow


class Halving(Course):
    """Halve the learning rate after each epoch, and stop after three."""

    def __init__(self, network: keras.Model) -> None:
        self.network = network

    def begin(self, rows: Sequence[Row]) -> None:
        self.rate = 0.01 / 2 ** len(rows)
        self.network.optimizer.learning_rate.assign(self.rate)

    def measure(self) -> Row:
        return {"rate": self.rate}

    def done(self, rows: Sequence[Row]) -> bool:
        return len(rows) == 3


def test_course_sets_each_epoch_and_ends_the_training(tmp_path: Path) -> None:
    whole, network, again = plain_network(), plain_network(), plain_network()
    expected = fit(whole, *batches(whole), 9, course=Halving(whole))
    with pytest.raises(KilledError):
        fit(network, *batches(network), 9, tmp_path, [Kill("between epochs")], course=Halving(network))

    resumed = fit(again, *batches(again), 9, tmp_path, course=Halving(again))
    loaded = plain_network()
    kept = fit(loaded, *batches(loaded), 9, tmp_path, course=Halving(loaded))

    assert expected["rate"].tolist() == [0.01, 0.005, 0.0025]
    assert expected.attrs["images"] == 3 * len(batches(whole)[0]) * batches(whole)[0].batch_size
    for curves, trained_network in ((resumed, again), (kept, loaded)):
        pd.testing.assert_frame_equal(curves, expected, rtol=1e-5)
        for a, b in zip(trained_network.get_weights(), whole.get_weights(), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)


def test_each_epoch_is_shown_when_its_state_is_saved(tmp_path: Path) -> None:
    """What looks at a training must not cost it an epoch; a resumed one shows all of them."""
    first: list[tuple[int, dict[str, float]]] = []
    shown: list[tuple[int, dict[str, float]]] = []
    stopped, resumed = plain_network(), plain_network()

    def fail_in_the_second(epoch: int, row: Mapping[str, float]) -> None:
        first.append((epoch, dict(row)))
        if epoch == 2:
            raise InputError("MLflow store cannot be used: disk is full")

    with pytest.raises(InputError, match="disk is full"):
        fit(stopped, *batches(stopped), 4, tmp_path, watch=fail_in_the_second)
    begun: list[tuple[int, int]] = []
    count = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: begun.append((epoch, len(shown))))

    curves = fit(resumed, *batches(resumed), 4, tmp_path, [count], lambda epoch, row: shown.append((epoch, dict(row))))

    assert begun == [(2, 2), (3, 3)]
    assert shown == [(epoch, row.to_dict()) for epoch, row in curves.iterrows()]
    assert shown[:2] == first
    assert set(shown[0][1]) == {"loss", "val_loss"}
    training, _ = batches(resumed)
    assert curves.attrs["images"] == 4 * len(training) * training.batch_size  # those before it was stopped, too


def test_random_layers_draw_from_seeds_of_their_own_in_every_epoch() -> None:
    """Or every image would be turned exactly as far as it is moved."""
    network = keras.Sequential(
        [layers.Input((8, 8, 1)), layers.RandomTranslation(0.2, 0.2), layers.RandomRotation(0.1), plain_network()]
    )
    network.compile("sgd", loss="mse")
    seen: list[set[tuple[int, ...]]] = []

    def record(epoch: int, logs: object) -> None:
        seen.append({tuple(var.numpy().tolist()) for var in network.variables if "seed_generator" in var.path})

    fit(network, *batches(network), 2, callbacks=[keras.callbacks.LambdaCallback(on_epoch_begin=record)])

    assert seen == [{(7, 0), (8, 0)}, {(7, 1), (8, 1)}]


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_loss_that_is_no_number_stops_and_names_the_cause(number: float) -> None:
    network = plain_network()
    targets = np.zeros((20, 4), dtype=np.float32)
    targets[11] = number
    training, validation = Batches(IMAGES, targets, 5, shuffle_seed=7), Batches(IMAGES, np.zeros((20, 4)))

    cause = r"the loss is (nan|inf) after step \d.*too large a learning rate: lower it"
    with pytest.raises(FailedTraining, match=cause):
        fit(network, training, validation, 4)
