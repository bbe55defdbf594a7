import numpy as np
import pytest

from masquerade.evaluation.pca import displacements, project


def test_displacements_by_hand() -> None:
    # Class means (1, 0, 0) and (0, 3, 4); they are √(1 + 9 + 16) = √26 apart.
    real = np.array([[0.0, 0, 0], [2, 0, 0], [0, 3, 4], [0, 3, 4]])
    template = real + np.array([[0.0, 3, 4], [0, 0, 1], [2, 0, 0], [0, 0, 0]])

    table = displacements(real, template, np.array([0, 0, 2, 2]), ["a", "unused", "c"])

    assert table.index.tolist() == ["a", "c"]
    assert table.index.name == "class"
    assert table.loc["a"].to_dict() == pytest.approx(
        {"displacement": (5 + 1) / 2, "within": 1, "to_nearest_class": 26**0.5, "ratio": 3 / 26**0.5}
    )
    assert table.loc["c"].to_dict() == pytest.approx(
        {"displacement": 1, "within": 0, "to_nearest_class": 26**0.5, "ratio": 1 / 26**0.5}
    )


def test_nearest_class_is_the_nearest_of_several() -> None:
    real = np.array([[0.0, 0], [10, 0], [0, 4]])

    table = displacements(real, real, np.arange(3), ["a", "b", "c"])

    assert table["to_nearest_class"].tolist() == pytest.approx([4, 10, 4])
    assert table["displacement"].tolist() == [0, 0, 0]


def test_projection_shares_one_space_and_keeps_what_lies_in_three_dimensions(rng: np.random.Generator) -> None:
    real = rng.normal(size=(20, 3)) * [5, 2, 0.5]
    template = real + np.array([1, 0, 0])
    rotation, _ = np.linalg.qr(rng.normal(size=(8, 8)))

    projection = project(real @ rotation[:3], template @ rotation[:3])

    assert projection.real.shape == projection.template.shape == (20, 3)
    assert projection.explained.sum() == pytest.approx(1)
    assert np.all(np.diff(projection.explained) < 0)
    np.testing.assert_allclose(np.linalg.norm(projection.real - projection.template, axis=1), np.ones(20), rtol=1e-6)
    np.testing.assert_allclose(np.concatenate([projection.real, projection.template]).mean(axis=0), 0, atol=1e-9)


def test_explained_is_the_share_of_all_dimensions() -> None:
    # Variances 9, 4, 1, 1 along four axes: the first three hold 14 of 15.
    axes = np.concatenate([np.eye(4), -np.eye(4)]) * [3, 2, 1, 1]

    assert project(axes, axes).explained == pytest.approx([9 / 15, 4 / 15, 1 / 15])
