import numpy as np
import pandas as pd
import pytest

from masquerade.recognisability.adaptive import adaptive_accuracy

LABELS = np.arange(60) % 3
PROBES = np.arange(60) < 15


def named(table: pd.DataFrame, generator: str) -> pd.Series:
    """The accuracies of one input by the number learned from."""
    return table["accuracy"].xs(generator, level="generator")


def separable(labels: np.ndarray, seed: int = 0) -> np.ndarray:
    """Images 4×4: class k is light in row k."""
    images = np.random.default_rng(seed).random((len(labels), 4, 4, 1)) * 0.2
    images[np.arange(len(labels)), labels] += 0.7
    return images.astype(np.float32)


def test_separable_images_are_all_named_and_noise_is_guessed(rng: np.random.Generator) -> None:
    labels = np.arange(900) % 3
    inputs = {"templates": separable(labels), "noise": rng.random((900, 5))}

    table = adaptive_accuracy(inputs, labels, np.arange(900) % 2 == 0, [30], seed=7)

    assert table.index.names == ["n", "generator"]
    assert table.index.tolist() == [(n, name) for n in (30, 450) for name in inputs]
    assert named(table, "templates").tolist() == [1, 1]
    assert named(table, "noise").tolist() == pytest.approx([1 / 3, 1 / 3], abs=0.08)


@pytest.mark.parametrize(
    ("sizes", "rows"),
    [
        ([12], [12, 45]),
        ([30, 12], [12, 30, 45]),
        ([12, 45, 46, 1000], [12, 45]),  # 45 are there to learn from
        ([], [45]),
    ],
)
def test_sizes_above_what_there_is_are_left_out_and_all_come_last(sizes: list[int], rows: list[int]) -> None:
    table = adaptive_accuracy({"templates": separable(LABELS)}, LABELS, PROBES, sizes, seed=7)

    assert table.index.tolist() == [(n, "templates") for n in rows]


def test_it_is_tried_on_the_probes_and_learns_from_the_others() -> None:
    """Whoever learns wrong names is always wrong, and whoever peeped at the probes would not be."""
    taught = np.where(PROBES, LABELS, (LABELS + 1) % 3)

    table = adaptive_accuracy({"templates": separable(LABELS)}, taught, PROBES, [], seed=7)

    assert table["accuracy"].tolist() == [0]


def test_more_templates_teach_more(rng: np.random.Generator) -> None:
    labels = np.arange(600) % 10
    vectors = np.eye(10)[labels] + 0.7 * rng.normal(size=(600, 10))

    table = adaptive_accuracy({"F(X)": vectors}, labels, np.arange(600) < 200, [20, 100], seed=7)

    assert table["accuracy"].is_monotonic_increasing
    assert table["accuracy"].iloc[-1] > table["accuracy"].iloc[0] + 0.1


def test_seed_chooses_which_are_learned_from(rng: np.random.Generator) -> None:
    labels = np.arange(200) % 4
    inputs = {"F(X)": np.eye(4)[labels] + rng.normal(size=(200, 4))}

    first, again, other = (adaptive_accuracy(inputs, labels, np.arange(200) < 100, [12], seed) for seed in (7, 7, 8))

    assert first.equals(again)
    assert first["accuracy"].loc[12, "F(X)"] != other["accuracy"].loc[12, "F(X)"]


def test_brightness_of_the_input_does_not_matter() -> None:
    images = separable(LABELS)

    table = adaptive_accuracy(
        {"uint8": np.round(255 * images).astype(np.uint8), "faint": 1e-3 * images}, LABELS, PROBES, [12], seed=7
    )

    assert (table == 1).all(axis=None)


def test_too_few_images_of_two_classes_leave_an_empty_table() -> None:
    table = adaptive_accuracy({"F(X)": np.zeros((4, 2))}, np.zeros(4, int), np.arange(4) < 2, [1], seed=7)

    assert len(table) == 0
    assert (table.index.names, table.columns.tolist()) == (["n", "generator"], ["accuracy"])
