import numpy as np

from masquerade.data.augment import augmented

IMAGES = np.random.default_rng(0).integers(0, 256, (6, 8, 8, 1), dtype=np.uint8)


def moved(image: np.ndarray, down: int, right: int) -> np.ndarray:
    """``image`` (h, w, c) moved, its border repeated."""
    padded = np.pad(image, ((2, 2), (2, 2), (0, 0)), mode="edge")
    return padded[2 - down : 10 - down, 2 - right : 10 - right]


def test_images_come_first_unchanged_then_copies_of_each_in_order() -> None:
    images = augmented(IMAGES, copies=3, shift=2, mirror=False, seed=7)

    assert images.shape == (24, 8, 8, 1)
    np.testing.assert_array_equal(images[:6], IMAGES, strict=True)
    found = set()
    for number, copy in enumerate(images[6:]):
        shifts = [
            (down, right)
            for down in range(-2, 3)
            for right in range(-2, 3)
            if np.array_equal(copy, moved(IMAGES[number % 6], down, right))
        ]
        assert len(shifts) == 1, "a copy is its own image moved by 2 pixels at most"
        found.update(shifts)
    assert len(found) > 8


def test_half_of_the_copies_are_mirrored_if_wanted() -> None:
    many = np.repeat(IMAGES[:1], 200, axis=0)

    copies = augmented(many, copies=1, shift=0, mirror=True, seed=7)[200:]

    mirrored = [np.array_equal(copy, IMAGES[0, :, ::-1]) for copy in copies]
    plain = [np.array_equal(copy, IMAGES[0]) for copy in copies]
    assert sum(mirrored) + sum(plain) == 200
    assert 60 < sum(mirrored) < 140


def test_same_seed_same_copies_and_no_copies_no_change() -> None:
    first, again, other = (augmented(IMAGES, 2, 2, True, seed) for seed in (7, 7, 8))

    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    np.testing.assert_array_equal(augmented(IMAGES, 0, 2, True, 7), IMAGES)
