from pathlib import Path

import numpy as np

from masquerade.data.image_set import ImageSet, with_names

IMAGES = np.arange(5, dtype=np.uint8)[:, None, None, None] * np.ones((1, 8, 8, 1), dtype=np.uint8)


def test_classes_are_numbered_in_sorted_order_and_are_their_own_subjects() -> None:
    image_set = with_names(IMAGES, ["b", "a", "c", "a", "b"])

    assert image_set.names.tolist() == ["a", "b", "c"]
    assert image_set.labels.tolist() == image_set.subjects.tolist() == [1, 0, 2, 0, 1]
    assert image_set.labels.dtype == np.int32


def test_taken_images_keep_label_subject_official_test_and_all_names() -> None:
    image_set = ImageSet(
        IMAGES, np.array([1, 0, 2, 0, 1]), np.arange(5), np.array(list("abc")), np.array([0, 0, 1, 1, 0], dtype=bool)
    )

    for taken in (image_set.take(np.array([1, 3])), image_set.take(np.array([0, 1, 0, 1, 0], dtype=bool))):
        assert taken.images[:, 0, 0, 0].tolist() == [1, 3]
        assert taken.labels.tolist() == [0, 0]
        assert taken.subjects.tolist() == [1, 3]
        assert taken.official_test.tolist() == [False, True]
        assert taken.names.tolist() == ["a", "b", "c"]


def test_some_images_are_random_in_their_order_and_all_if_there_are_no_more() -> None:
    image_set = with_names(IMAGES, ["b", "a", "c", "a", "b"])
    drawn = {tuple(image_set.some(2, seed).images[:, 0, 0, 0]) for seed in range(50)}

    assert {(a, b) for a in range(5) for b in range(a + 1, 5)} == drawn
    assert image_set.some(9, seed=1).images[:, 0, 0, 0].tolist() == [0, 1, 2, 3, 4]


def test_most_frequent_classes_come_first_ties_by_label_and_absent_ones_never() -> None:
    labels = np.array([3, 1, 3, 0, 1, 4, 3])
    image_set = ImageSet(np.zeros((7, 8, 8, 1)), labels, labels, np.array(list("abcdef")), np.empty(0, dtype=bool))

    assert image_set.most_frequent(2).tolist() == [3, 1]
    assert image_set.most_frequent(10).tolist() == [3, 1, 0, 4]


def test_named_classes_come_before_larger_ones_in_the_order_of_their_size() -> None:
    labels = np.array([0, 1, 1, 2, 2, 2, 3, 3, 3, 3, 5])
    image_set = ImageSet(np.zeros((11, 8, 8, 1)), labels, labels, np.array(list("abcdef")), np.empty(0, dtype=bool))

    assert image_set.most_frequent(4, first=["a", "b"]).tolist() == [1, 0, 3, 2]
    assert image_set.most_frequent(2, first=["f", "e", "c"]).tolist() == [2, 5]  # nobody has images of e


def test_taken_images_keep_the_names_of_their_files() -> None:
    image_set = with_names(IMAGES, ["b", "a", "c", "a", "b"], files=["b_1", "a_1", "c_1", "a_2", "b_2"])

    assert image_set.take(np.array([3, 0])).files.tolist() == ["a_2", "b_1"]
    assert with_names(IMAGES, ["b", "a", "c", "a", "b"]).take(np.array([3, 0])).files.tolist() == []


def test_images_survive_the_disk(tmp_path: Path) -> None:
    image_set = with_names(IMAGES, ["Zoë", "a", "c", "a", "Zoë"], by_image=True, files=["Zoë_1", "2", "3", "4", "5"])

    image_set.save(tmp_path / "images.npz")
    loaded = ImageSet.load(tmp_path / "images.npz")

    assert loaded.names.tolist() == ["Zoë", "a", "c"]
    np.testing.assert_array_equal(loaded.images, IMAGES, strict=True)
    assert loaded.subjects.tolist() == [0, 1, 2, 3, 4]
    assert loaded.files.tolist() == ["Zoë_1", "2", "3", "4", "5"]
    assert loaded.official_test.dtype == bool
