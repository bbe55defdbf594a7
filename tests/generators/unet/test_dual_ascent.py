import math

import keras
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masquerade.embedders.dense import dense
from masquerade.generators.losses import EmbeddingLoss
from masquerade.generators.unet import dual_ascent, training
from masquerade.generators.unet.dual_ascent import (
    FIRST_MULTIPLIER,
    LARGEST_MULTIPLIER,
    WINDOW,
    beyond,
    cautious_share,
    cooling,
    next_margin,
    next_multiplier,
)
from masquerade.generators.unet.params import Settings
from masquerade.params import Generator, Params
from masquerade.training import predict


def row(quantile: float, weight: float = 1.0, d_emb: float = 0.1, d_img: float = 0.5) -> dict[str, float]:
    """The curves of an epoch in which enough validation images had at most this d_emb."""
    return {
        "val_d_emb_quantile": quantile,
        "val_within_alpha": 0.96 if quantile <= 0.2 else 0.9,
        "multiplier": weight,
        "embedding_d_emb": d_emb,
        "val_generated_loss": -d_img,
    }


def test_first_epoch_has_a_small_weight_and_the_whole_margin() -> None:
    assert next_multiplier([], alpha=0.2) == FIRST_MULTIPLIER
    assert next_margin([], alpha=0.2) == 0.2


@pytest.mark.parametrize(
    ("quantiles", "expected"),
    [
        ([0.2], 1.0),  # the constraint just holds: excess log(0.2 / 0.2) = 0
        ([0.2 * math.e**0.5], math.exp(0.4 * 0.5)),  # excess 0.5, no earlier epoch
        ([2.0], math.exp(0.4)),  # excess log 10, which counts as 1
        ([0.2 * math.e, 0.2 * math.e**0.5], math.exp(-0.05)),  # excess 0.5, fallen by 0.5: 0.4·0.5 − 0.5·0.5
        ([0.2, 0.2 / math.e**0.5], math.exp(-0.45)),  # excess −0.5, fallen by 0.5: −0.4·0.5 − 0.5·0.5
    ],
)
def test_weight_follows_the_excess_and_its_change(quantiles: list[float], expected: float) -> None:
    assert next_multiplier([row(quantile) for quantile in quantiles], alpha=0.2) == pytest.approx(expected)


@given(st.floats(0.001, 4), st.floats(0.01, 4), st.floats(0.001, 1000))
def test_steady_violation_raises_the_weight_and_slack_lowers_it(quantile: float, alpha: float, weight: float) -> None:
    found = next_multiplier(2 * [row(quantile, weight)], alpha)

    assert (found > weight) == (quantile > alpha)
    assert (found < weight) == (quantile < alpha)


def test_weight_has_bounds_even_if_alpha_is_0() -> None:
    assert next_multiplier([row(0.5, LARGEST_MULTIPLIER)], alpha=0.0) == LARGEST_MULTIPLIER
    assert next_multiplier([row(0.1, 1 / LARGEST_MULTIPLIER)], alpha=4.0) == 1 / LARGEST_MULTIPLIER


@pytest.mark.parametrize(
    ("d_emb", "quantile", "expected"),
    [
        (0.1, 0.25, 0.2 * 0.4),  # a mean of 0.08 where it is 0.1 now would give a quantile of 0.2 instead of 0.25
        (0.3, 0.25, 0.2),  # never more than α
        (0.01, 4.0, 0.2 * 0.1),
    ],
)
def test_margin_is_the_mean_at_which_the_quantile_would_be_alpha(
    d_emb: float, quantile: float, expected: float
) -> None:
    assert next_margin([row(quantile, d_emb=d_emb)], alpha=0.2) == pytest.approx(expected)


def test_cooling_begins_once_the_constraint_holds_and_d_img_is_flat() -> None:
    growing = [row(0.1, d_img=0.1 * 1.1**epoch) for epoch in range(40)]
    flat = [row(0.1) for _ in range(40)]
    violated = [row(0.3) for _ in range(40)]

    for rows in (growing, violated):
        first, last = cooling(rows, 0.2, epochs=40)
        assert (first, last) == cooling([], 0.2, 40)
        assert last == 40
    first, last = cooling(flat, 0.2, epochs=40)
    assert first == 2 * WINDOW
    assert first < last < 40
    for epochs in range(first, 40):  # what came later changes nothing
        assert cooling([*flat[:epochs], *violated], 0.2, 40) == (first, last)


@pytest.mark.parametrize("epochs", [1, 2, 3, 40])
def test_every_training_cools_down_and_ends(epochs: int) -> None:
    first, last = cooling([], 0.2, epochs)

    assert 0 <= first < last == epochs


@pytest.mark.parametrize(("count", "share"), [(1900, 0.95 + 2.33 * 0.005), (30, 1.0), (1, 1.0)])
def test_fewer_images_must_be_within_alpha_more_often(count: int, share: float) -> None:
    """The standard deviation of a share of 0.95 of 1,900 images is √(0.95·0.05/1900) = 0.005."""
    assert cautious_share(count) == pytest.approx(share)


def test_beyond_alpha_is_a_warning() -> None:
    assert beyond(pd.DataFrame([row(0.3), row(0.1)]), alpha=0.2) == []
    assert beyond(pd.DataFrame([row(0.1), row(0.3)]), alpha=0.2) == [
        "d_emb is beyond α = 0.2 for more than 5% of the validation images"
    ]


@pytest.mark.slow
def test_training_meets_the_constraint_that_a_constant_weight_misses(
    params: Params, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "EPOCHS", 20)
    monkeypatch.setattr(dual_ascent, "FIRST_MULTIPLIER", 0.05)  # so small that it is not enough as it is
    rng = np.random.default_rng(0)
    kinds = rng.integers(0, 200, (4, 8, 8, 1))
    images, others = ((kinds[np.arange(n) % 4] + rng.integers(0, 56, (n, 8, 8, 1))).astype(np.uint8) for n in (64, 40))
    embedder, alpha = dense((8, 8, 1), hidden=16, dimension=4, seed=1), 0.1
    settings: Settings = params.modality("digits").settings("unet")
    changes = {"width": 4, "depth": 1, "normalisation": "batch"}
    its_training = {"batch_size": 8, "learning_rate": 1e-2, "steps": 200, "jit_compile": False}

    def within(pi_emb: float | str) -> tuple[float, pd.DataFrame]:
        its = settings.changed(changes | {"loss": {"pi_emb": pi_emb}, "training": its_training})
        shared = Generator(alpha=alpha, beta=0.5, optimizer="adam")
        generator, curves = training.train(embedder, images, others, its, shared, seed=7)
        templates = generator.predict(others / np.float32(255), verbose=0)
        d_emb = np.sum((embedder.predict(templates, verbose=0) - predict(embedder, others)) ** 2, axis=1)
        return float(np.mean(d_emb <= alpha)), curves

    constant, _ = within(0.01)
    found, curves = within("auto")

    assert constant < 0.5
    assert found == pytest.approx(curves["val_within_alpha"].iloc[-1])
    assert found > 0.75
    assert curves["multiplier"].iloc[0] == pytest.approx(0.05)
    assert curves["learning_rate"].iloc[0] == pytest.approx(1e-2)
    assert curves["learning_rate"].iloc[-1] < 1e-3
    assert (-curves["val_generated_loss"]).iloc[-1] > 0.01


def test_margin_of_the_loss_is_read_when_the_loss_is_called() -> None:
    margin = keras.Variable(0.0)
    loss, y = EmbeddingLoss(margin), keras.ops.convert_to_tensor([[1.0, 0.0]])
    opposite = -y  # d_emb 4

    assert float(loss(y, opposite)) == pytest.approx(4)
    margin.assign(1.5)
    assert float(loss(y, opposite)) == pytest.approx(2.5)
