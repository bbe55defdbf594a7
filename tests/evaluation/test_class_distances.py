import numpy as np
import pytest

from masquerade.evaluation.arms import Arm
from masquerade.evaluation.class_distances import class_distances, table3

BLACK, WHITE, HALF = (
    np.array(pixels, dtype=np.uint8).reshape(2, 2, 1) for pixels in ([0, 0, 0, 0], [255] * 4, [255, 255, 0, 0])
)


OF_TEMPLATES = ("real-template", "template-template", "own-template")


def test_one_class_of_two_images_by_hand() -> None:
    measured = class_distances(np.stack([BLACK, HALF]), {"unet": np.stack([WHITE, HALF])})

    # Sums of squares over 4 pixels: black–white 4, black–half 2, white–half 2, equal 0.
    root = 2**0.5 / 4
    assert list(measured) == [("real", "real-real"), *(("unet", comparison) for comparison in OF_TEMPLATES)]
    assert measured[Arm("real", "real-real")] == pytest.approx({"mse": 2 / 4, "euclidean": root})
    # Pairs of different images: black with the template of half (2), half with that of black (2).
    assert measured[Arm("unet", "real-template")] == pytest.approx({"mse": 2 / 4, "euclidean": root})
    assert measured[Arm("unet", "template-template")] == pytest.approx({"mse": 2 / 4, "euclidean": root})
    # Black with white (4), half with half (0).
    own = {"mse": (4 + 0) / 2 / 4, "euclidean": (4**0.5 / 4 + 0) / 2}
    assert measured[Arm("unet", "own-template")] == pytest.approx(own)


def test_every_generator_is_measured_and_the_images_once() -> None:
    real = np.stack([BLACK, HALF])

    measured = class_distances(real, {"unet": 255 - real, "veiled": np.stack([HALF, HALF])})

    both = [(generator, comparison) for generator in ("unet", "veiled") for comparison in OF_TEMPLATES]
    assert list(measured) == [("real", "real-real"), *both]
    assert measured[Arm("unet", "own-template")]["mse"] == pytest.approx(1)
    assert measured[Arm("veiled", "own-template")]["mse"] == pytest.approx((2 + 0) / 2 / 4)
    assert measured[Arm("veiled", "template-template")]["mse"] == 0


def test_other_templates_do_not_count_the_own_one() -> None:
    real = np.stack([BLACK, HALF, WHITE])

    measured = {arm: its["mse"] for arm, its in class_distances(real, {"unet": 255 - real}).items()}

    # Templates: white, negative half (differs from half by 4, from black and white by 2), black.
    # black: 2 with negative half, 0 with black; half: 2, 2; white: 0 with white, 2 with negative half.
    assert measured[Arm("unet", "real-template")] == pytest.approx((2 + 0 + 2 + 2 + 0 + 2) / 6 / 4)
    assert measured[Arm("unet", "own-template")] == pytest.approx(1)
    assert (
        measured[Arm("real", "real-real")]
        == measured[Arm("unet", "template-template")]
        == pytest.approx((2 + 4 + 2) / 3 / 4)
    )


def test_pixels_of_all_channels_count() -> None:
    colour = np.zeros((2, 2, 2, 3), dtype=np.uint8)
    colour[1, 0, 0, 2] = 255

    assert class_distances(colour, {})[Arm("real", "real-real")]["mse"] == pytest.approx(1 / 12)


def test_table_has_the_classes_in_the_wanted_order_without_single_images() -> None:
    real = np.stack([BLACK, WHITE, BLACK, HALF, WHITE])
    labels = np.array([0, 1, 0, 2, 1])

    table = table3(real, {"unet": 255 - real}, labels, ["a", "b", "c"], [1, 2, 0])

    assert table.index.names == ["class", "generator", "comparison"]
    assert table.index.unique("class").tolist() == ["b", "a"]
    assert table.columns.tolist() == ["mse", "euclidean"]
    for name in ("a", "b"):
        assert table.loc[(name, "real", "real-real"), "mse"] == 0
        assert table.loc[(name, "unet", "own-template"), "mse"] == pytest.approx(1)
