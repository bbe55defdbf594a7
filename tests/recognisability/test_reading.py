from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from masquerade.data.image_set import ImageSet
from masquerade.evaluation.likeness import unit
from masquerade.recognisability.reading import headline, rank_1, read
from masquerade.recognisability.views import views


def pixels(images: np.ndarray) -> np.ndarray:
    return images.reshape(len(images), -1) - images.mean(axis=(1, 2, 3))[:, None]


def gallery(labels: np.ndarray, spread: float = 0.05, channels: int = 1, seed: int = 0) -> ImageSet:
    """A random image for each class and others like it, 12×12."""
    rng = np.random.default_rng(seed)
    ideal = rng.random((labels.max() + 1, 12, 12, channels))
    images = np.clip(ideal[labels] + spread * rng.normal(size=(len(labels), 12, 12, channels)), 0, 1)
    numbers = np.arange(len(labels))
    names = np.array([str(label) for label in range(labels.max() + 1)])
    return ImageSet(np.round(255 * images).astype(np.uint8), labels, numbers, names, np.empty(0, dtype=bool))


PAIRS = np.arange(24) // 2


RIGHT, UP, BETWEEN = [1.0, 0.0], [0.0, 1.0], [0.6, 0.8]


@pytest.mark.parametrize(
    ("probes", "gallery", "labels", "share"),
    [
        ([RIGHT, RIGHT, UP, UP], [RIGHT, RIGHT, UP, UP], [0, 0, 1, 1], 1),
        ([UP, UP, RIGHT, RIGHT], [RIGHT, RIGHT, UP, UP], [0, 0, 1, 1], 0),
        ([RIGHT, UP, UP, UP], [RIGHT, RIGHT, UP, UP], [2, 2, 5, 5], 3 / 4),  # numbers of classes may have gaps
        # The first without its own image sees UP as its class, 0 away, and BETWEEN as the other, 0.6 away; the second
        # RIGHT, 0, and BETWEEN, 0.8.
        ([RIGHT, UP, BETWEEN, BETWEEN], [RIGHT, UP, BETWEEN, BETWEEN], [0, 0, 1, 1], 2 / 4),
        ([RIGHT, RIGHT, RIGHT], [RIGHT, RIGHT, UP], [0, 0, 1], 1),  # the last is alone in its class: not counted
    ],
)
def test_rank_1_by_hand(probes: list, gallery: list, labels: list[int], share: float) -> None:
    vectors = np.array(probes, np.float32), np.array(gallery, np.float32)

    assert rank_1(*vectors, np.array(labels)) == pytest.approx(share)
    np.testing.assert_array_equal(vectors[1], np.array(gallery, np.float32))


def test_a_class_is_the_direction_of_its_mean_however_many_it_has() -> None:
    """Three beside the probe's class are no nearer than one."""
    gallery = np.array([RIGHT, RIGHT, BETWEEN, BETWEEN, BETWEEN, BETWEEN], np.float32)

    assert rank_1(gallery, gallery, np.array([0, 0, 1, 1, 1, 1])) == 1


def test_random_vectors_are_named_as_often_as_by_chance(rng: np.random.Generator) -> None:
    def vectors() -> np.ndarray:
        return unit(rng.normal(size=(60, 16)))

    shares = [rank_1(vectors(), vectors(), np.arange(60) % 6) for _ in range(100)]

    assert np.mean(shares) == pytest.approx(1 / 6, abs=0.02)


def test_perfect_reader_reads_the_images_themselves() -> None:
    real = gallery(PAIRS)

    reading = read(real.images / np.float32(255), real, {"pixels": pixels})

    assert reading["rank_1"].loc["plain", "pixels"] == 1
    assert reading["eer"].loc["plain", "pixels"] == 0
    assert reading.index.names == ["view", "judge"]
    assert reading.index.get_level_values("view").tolist() == list(views(1))


def test_noise_is_read_about_as_often_as_by_chance(rng: np.random.Generator) -> None:
    real = gallery(np.arange(120) // 20)

    reading = read(rng.random((120, 12, 12, 1), dtype=np.float32), real, {"pixels": pixels})

    assert reading["rank_1"].mean() == pytest.approx(1 / 6, abs=0.06)
    assert reading["eer"].mean() == pytest.approx(0.5, abs=0.06)


def test_the_image_a_template_is_made_from_is_not_in_the_gallery() -> None:
    """Every image unlike all others: what recognises the source alone recognises nobody."""
    real = gallery(np.arange(60))
    real = ImageSet(real.images, np.arange(60) // 10, real.subjects, real.names, real.official_test)

    reading = read(real.images / np.float32(255), real, {"pixels": pixels})

    assert reading["rank_1"].loc["plain", "pixels"] < 2.5 / 6
    assert reading["eer"].loc["plain", "pixels"] > 0.35


def test_every_judge_reads_every_view_and_the_detector_besides() -> None:
    real = gallery(PAIRS, channels=3)
    shapes: list[tuple[int, ...]] = []

    def detect(images: np.ndarray) -> np.ndarray:
        shapes.append(images.shape)
        return np.arange(len(images)) % 4 == 0

    judges = {"a": pixels, "b": lambda images: images.mean(axis=(1, 2))}
    reading = read(real.images / np.float32(255), real, judges, detect)

    assert reading.index.tolist() == [(view, judge) for view in views(3) for judge in ("a", "b", "detector")]
    assert set(reading.xs("detector", level="judge")["detected"]) == {0.25}
    assert reading.xs("detector", level="judge")[["rank_1", "eer"]].isna().to_numpy().all()
    assert reading.drop("detector", level="judge")[["rank_1", "eer"]].notna().all(axis=None)
    assert shapes == [(24 * len(views(3)), 12, 12, 3)]


def test_detector_sees_the_first_images_of_each_view() -> None:
    real = gallery(PAIRS)
    images = np.where(np.arange(24) < 2, np.float32(1), np.float32(0))[:, None, None, None] * np.ones((12, 12, 1), "f")

    def shares(count: int | None) -> pd.Series:
        reading = read(images, real, {"a": pixels}, lambda images: images.mean(axis=(1, 2, 3)) > 0.5, count)
        return reading.xs("detector", level="judge")["detected"]

    assert shares(4).loc[["plain", "negative"]].tolist() == [2 / 4, 2 / 4]
    assert shares(None).loc[["plain", "negative"]].tolist() == [2 / 24, 22 / 24]


def test_length_of_a_feature_vector_means_nothing() -> None:
    real = gallery(PAIRS)
    images = real.images / np.float32(255)

    plain, scaled = (
        read(images, real, {"j": judge})
        for judge in (pixels, lambda images: 1000 * images.mean(axis=(1, 2, 3))[:, None] * pixels(images))
    )

    pd.testing.assert_frame_equal(plain, scaled, atol=1e-3)


def test_headline_is_the_view_that_shows_most() -> None:
    real = gallery(PAIRS)
    negatives = 1 - real.images / np.float32(255)
    reading = read(negatives, real, {"pixels": pixels}, detect=lambda images: images.mean(axis=(1, 2, 3)) > 0.5)

    best = headline(reading, negatives, real)

    assert reading["rank_1"].loc["plain", "pixels"] < 0.5
    assert (best["rank_1"], best["view"], best["judge"]) == (1, "negative", "pixels")
    assert best["judge_eer"] == reading["eer"].min() == 0
    assert best["detected"] == reading["detected"].max()
    # The negative of a negative is the image.
    assert best["correlation"] == pytest.approx(1, abs=1e-5)
    assert best["ssim"] == pytest.approx(1, abs=1e-5)


def test_headline_without_a_detector_says_nothing_of_it() -> None:
    real = gallery(PAIRS)
    images = real.images / np.float32(255)

    assert "detected" not in headline(read(images, real, {"pixels": pixels}), images, real)


def single(view: str) -> pd.DataFrame:
    index = pd.MultiIndex.from_tuples([(view, "pixels")], names=["view", "judge"])
    return pd.DataFrame({"rank_1": [0.5], "eer": [0.2]}, index=index)


@pytest.mark.parametrize(
    ("distort", "correlation"),
    [
        (lambda images: images, 1),
        (lambda images: 1 - images, 1),  # the sign does not matter
        (lambda images: 0.2 + 0.5 * images, 1),
        (lambda images: np.full_like(images, 0.5), 0),  # nothing to correlate with, and no division by 0
    ],
)
def test_correlation_is_that_of_each_image_with_its_own(distort: Callable, correlation: float) -> None:
    real = gallery(PAIRS)
    images = distort(real.images / np.float32(255))

    assert headline(single("plain"), images, real)["correlation"] == pytest.approx(correlation, abs=1e-5)


def test_likeness_of_noise_is_low(rng: np.random.Generator) -> None:
    best = headline(single("plain"), rng.random((24, 12, 12, 1), dtype=np.float32), gallery(PAIRS))

    # |r| of two random vectors of 144 pixels: √(2/π) / 12 = 0.066.
    assert best["correlation"] == pytest.approx(0.066, abs=0.03)
    assert abs(best["ssim"]) < 0.1
