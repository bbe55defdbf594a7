"""A labelled set of images, in memory and on disk."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from masquerade.arrays import ArrayFile


@dataclass(frozen=True)
class ImageSet(ArrayFile):
    """Images with their classes and subjects.

    Attributes:
        images: uint8 (n, h, w, c), c is 1 or 3.
        labels: int32 (n,), index into ``names``; two images are mated if their labels are equal.
        subjects: int32 (n,), the units that a split keeps together and a confidence interval resamples: people for
            faces, single images for digits, whose writers are unknown.
        names: str (k,), the class names.
        official_test: bool (n,), the data set's own test set; empty if it has none.
        files: str (n,), name of each image's file without folder and suffix; empty if the data set has no files.
    """

    images: np.ndarray
    labels: np.ndarray
    subjects: np.ndarray
    names: np.ndarray
    official_test: np.ndarray
    files: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.str_))

    def __len__(self) -> int:
        return len(self.images)

    def take(self, index: np.ndarray) -> "ImageSet":
        """Return the images at ``index`` (int or bool); classes keep their numbers and names."""
        optional = {"official_test": self.official_test, "files": self.files}
        return replace(
            self,
            images=self.images[index],
            labels=self.labels[index],
            subjects=self.subjects[index],
            **{name: array[index] if len(array) else array for name, array in optional.items()},
        )

    def some(self, count: int, seed: int) -> "ImageSet":
        """Return at most ``count`` random images, in their original order."""
        return self.take(np.sort(np.random.default_rng(seed).permutation(len(self))[:count]))

    def first_of(self, labels: Iterable[int]) -> list[int]:
        """Return the index of the first image of each class; every class must have one."""
        return [int(np.flatnonzero(self.labels == label)[0]) for label in labels]

    def most_frequent(self, count: int, first: Sequence[str] = ()) -> np.ndarray:
        """Return the labels of at most ``count`` classes: those named in ``first``, then the others.

        Both groups are ordered by decreasing size, then by label. Classes without images are left out.
        """
        sizes = np.bincount(self.labels, minlength=len(self.names))
        order = np.lexsort([-sizes, ~np.isin(self.names, first)])
        return order[sizes[order] > 0][:count]


def with_names(images: np.ndarray, names: list[str], by_image: bool = False, files: Sequence[str] = ()) -> ImageSet:
    """Make an image set from one class name per image; classes are numbered in sorted order.

    Args:
        by_image: make every image its own subject, instead of its class.
        files: name of each image's file, if there are files.
    """
    unique, labels = np.unique(np.asarray(names, dtype=np.str_), return_inverse=True)
    labels = labels.astype(np.int32)
    subjects = np.arange(len(labels), dtype=np.int32) if by_image else labels
    return ImageSet(images, labels, subjects, unique, np.empty(0, dtype=bool), np.asarray(files, dtype=np.str_))
