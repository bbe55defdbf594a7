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
        subjects: int32 (n,), what a split must keep together and a confidence interval resamples: the person of a
            face, the image itself where the writer of a digit is unknown.
        names: str (k,), a name for each class.
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
        """Return the images at ``index`` (int or bool), all classes keeping their number and name."""
        optional = {"official_test": self.official_test, "files": self.files}
        return replace(
            self,
            images=self.images[index],
            labels=self.labels[index],
            subjects=self.subjects[index],
            **{name: array[index] if len(array) else array for name, array in optional.items()},
        )

    def some(self, count: int, seed: int) -> "ImageSet":
        """Return ``count`` random images, all if there are no more, in their order."""
        return self.take(np.sort(np.random.default_rng(seed).permutation(len(self))[:count]))

    def first_of(self, labels: Iterable[int]) -> list[int]:
        """Return the place of the first image of each of these classes, which all have one."""
        return [int(np.flatnonzero(self.labels == label)[0]) for label in labels]

    def most_frequent(self, count: int, first: Sequence[str] = ()) -> np.ndarray:
        """Return the labels of ``count`` classes: the named ones ``first``, then the largest; ties by label.

        The order is by size among the named and among the others. Classes without images are left out.
        """
        sizes = np.bincount(self.labels, minlength=len(self.names))
        order = np.lexsort([-sizes, ~np.isin(self.names, first)])
        return order[sizes[order] > 0][:count]


def with_names(images: np.ndarray, names: list[str], by_image: bool = False, files: Sequence[str] = ()) -> ImageSet:
    """Number the classes of ``names`` (one name an image) in sorted order.

    Args:
        by_image: every image is a subject of its own instead of its class.
        files: name of each image's file, if there are files.
    """
    unique, labels = np.unique(np.asarray(names, dtype=np.str_), return_inverse=True)
    labels = labels.astype(np.int32)
    subjects = np.arange(len(labels), dtype=np.int32) if by_image else labels
    return ImageSet(images, labels, subjects, unique, np.empty(0, dtype=bool), np.asarray(files, dtype=np.str_))
