import numpy as np
import pytest

from masquerade.evaluation.image_distances import class_distances, table3

BLACK, WHITE, HALF = (
    np.array(pixels, dtype=np.uint8).reshape(2, 2, 1) for pixels in ([0, 0, 0, 0], [255] * 4, [255, 255, 0, 0])
)


def test_one_class_of_two_pictures_by_hand() -> None:
    measured = class_distances(np.stack([BLACK, HALF]), np.stack([WHITE, HALF]))

    # Sums of squares over 4 pixels: black–white 4, black–half 2, white–half 2, equal 0.
    root = 2**0.5 / 4
    assert measured == pytest.approx(
        {
            # Pairs of different pictures: black with the template of half (2), half with that of black (2).
            "real_gen_mse": 2 / 4,
            "real_gen_euclidean": root,
            "real_real_mse": 2 / 4,
            "real_real_euclidean": root,
            "gen_gen_mse": 2 / 4,
            "gen_gen_euclidean": root,
            # Black with white (4), half with half (0).
            "real_own_gen_mse": (4 + 0) / 2 / 4,
            "real_own_gen_euclidean": (4**0.5 / 4 + 0) / 2,
        }
    )


def test_real_gen_does_not_count_the_own_template() -> None:
    real = np.stack([BLACK, HALF, WHITE])

    measured = class_distances(real, 255 - real)

    # Templates: white, negative half (differs from half by 4, from black and white by 2), black.
    # black: 2 with negative half, 0 with black; half: 2, 2; white: 0 with white, 2 with negative half.
    assert measured["real_gen_mse"] == pytest.approx((2 + 0 + 2 + 2 + 0 + 2) / 6 / 4)
    assert measured["real_own_gen_mse"] == pytest.approx(1)
    assert measured["real_real_mse"] == measured["gen_gen_mse"] == pytest.approx((2 + 4 + 2) / 3 / 4)


def test_pixels_of_all_channels_count() -> None:
    colour = np.zeros((2, 2, 2, 3), dtype=np.uint8)
    colour[1, 0, 0, 2] = 255

    assert class_distances(colour, colour)["real_real_mse"] == pytest.approx(1 / 12)


def test_table_has_a_row_a_class_in_the_wanted_order_without_single_pictures() -> None:
    real = np.stack([BLACK, WHITE, BLACK, HALF, WHITE])
    labels = np.array([0, 1, 0, 2, 1])

    table = table3(real, 255 - real, labels, ["a", "b", "c"], [1, 2, 0])

    assert table.index.tolist() == ["b", "a"]
    assert table.index.name == "class"
    assert table["real_real_mse"].tolist() == [0, 0]
    assert table["real_own_gen_mse"].tolist() == pytest.approx([1, 1])
