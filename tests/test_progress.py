from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from masquerade import progress
from masquerade.progress import Progress


class Bar:
    """What tqdm was asked to draw."""

    def __init__(self, disable: bool = False, **options: Any) -> None:
        self.options, self.disable, self.n = options, disable, options["initial"]
        self.shown: list[dict[str, str]] = []

    def update(self) -> None:
        self.n += 1

    def set_postfix(self, shown: dict[str, str]) -> None:
        self.shown.append(shown)

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def network() -> keras.Model:
    network = keras.Sequential([layers.Input((4,)), layers.Dense(1)], name="veiled_generator")
    network.compile(
        "sgd", loss="mse", metrics=[keras.metrics.MeanMetricWrapper(lambda y, p: p, name="embedding_d_emb")]
    )
    return network


def train(network: keras.Model, initial_epoch: int) -> None:
    shown = Progress(network.name)
    network.fit(
        np.ones((6, 4)),
        np.ones((6, 1)),
        batch_size=2,
        epochs=3,
        initial_epoch=initial_epoch,
        verbose=0,
        callbacks=[shown],
    )


@pytest.mark.parametrize("initial_epoch", [0, 2])
def test_one_bar_counts_the_steps_of_all_epochs(
    network: keras.Model, monkeypatch: pytest.MonkeyPatch, initial_epoch: int
) -> None:
    bars: list[Bar] = []

    def draw(**options: Any) -> Bar:
        bars.append(Bar(**(options | {"disable": False})))
        return bars[-1]

    monkeypatch.setattr(progress, "tqdm", draw)

    train(network, initial_epoch)

    (bar,) = bars
    assert (bar.options["total"], bar.options["initial"], bar.n) == (9, 3 * initial_epoch, 9)  # 3 steps an epoch
    assert bar.options["desc"] == "veiled generator"
    assert [list(shown) for shown in bar.shown] == [["loss", "d_emb"]] * (3 - initial_epoch)
    assert bar.closed


def test_where_nobody_looks_an_epoch_is_a_line(network: keras.Model, capsys: pytest.CaptureFixture) -> None:
    train(network, 1)

    output = capsys.readouterr()
    assert output.err == ""
    assert [line.partition(", loss")[0] for line in output.out.splitlines()] == [
        "veiled generator: epoch 2 of 3",
        "veiled generator: epoch 3 of 3",
    ]
