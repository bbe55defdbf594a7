import keras
import numpy as np
import pytest

from masquerade.generators.veiled.amplitude import Amplitude, SaturationLoss, mean_square, next_epsilon


def row(epsilon: float, square: float, d_emb: float = 1.0) -> dict[str, float]:
    return {"epsilon": epsilon, "residual_square": square, "embedding_d_emb": d_emb}


def test_mean_square_is_that_of_each_image() -> None:
    residuals = np.stack(
        [np.zeros((2, 2, 1)), np.full((2, 2, 1), -0.5), np.array([0, 0, 0, 1], np.float32).reshape(2, 2, 1)]
    )

    np.testing.assert_allclose(mean_square(np.zeros((3, 1, 1, 1)), residuals), [0, 0.25, 0.25])


def test_only_what_saturates_costs() -> None:
    """Mean squares 0.36, 0.6, 0.81 and 1; 0.6 is free."""
    residuals = np.array([0.6, 0.6**0.5, -0.9, 1.0], np.float32).reshape(4, 1, 1, 1)

    loss = SaturationLoss(reduction=None)(np.zeros((4, 1, 1, 1)), residuals)

    np.testing.assert_allclose(keras.ops.convert_to_numpy(loss), [0, 0, 0.21, 0.4], atol=1e-6)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], 0.1),
        ([row(0.1, 0.21)], 0.15),  # 0.1 · 1.5
        ([row(0.1, 0.2)], 0.1),  # there is room left
        ([row(0.1, 0.5), row(0.15, 0.5)], 0.225),
        ([row(0.3, 0.5)], 0.4),  # 0.45 is more than the largest
        ([row(0.4, 0.9)], 0.4),
    ],
)
def test_epsilon_grows_while_the_decoder_uses_it(rows: list[dict[str, float]], expected: float) -> None:
    assert next_epsilon(rows, largest=0.4) == pytest.approx(expected)


def test_a_small_largest_epsilon_is_where_it_starts() -> None:
    assert next_epsilon([], largest=0.05) == 0.05


def test_course_sets_epsilon_and_ends_when_templates_are_near_enough() -> None:
    given: list[float] = []
    course = Amplitude(given.append, largest=0.4)
    assert not course.done([])

    course.begin([row(0.2, 0.5)])

    assert given == pytest.approx([0.3])
    assert course.measure() == {"epsilon": pytest.approx(0.3)}
    assert not course.done([row(0.3, 0.5, d_emb=0.021)])
    assert course.done([row(0.3, 0.5, d_emb=0.02)])
