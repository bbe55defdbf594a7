"""A labelled set of pictures, in memory and on disk."""

from dataclasses import dataclass, replace

import numpy as np

from masquerade.arrays import ArrayFile


@dataclass(frozen=True)
class Pictures(ArrayFile):
    """Pictures with their classes and subjects.

    Attributes:
        images: uint8 (n, h, w, c), c is 1 or 3.
        labels: int32 (n,), index into ``names``; two pictures are mated if their labels are equal.
        subjects: int32 (n,), what a split must keep together and a confidence interval resamples: the person of a
            face, the picture itself where the writer of a digit is unknown.
        names: str (k,), a name for each class.
        official_test: bool (n,), the data set's own test set; empty if it has none.
    """

    images: np.ndarray
    labels: np.ndarray
    subjects: np.ndarray
    names: np.ndarray
    official_test: np.ndarray

    def __len__(self) -> int:
        return len(self.images)

    def take(self, index: np.ndarray) -> "Pictures":
        """Return the pictures at ``index`` (int or bool), all classes keeping their number and name."""
        official = self.official_test[index] if len(self.official_test) else self.official_test
        return replace(
            self,
            images=self.images[index],
            labels=self.labels[index],
            subjects=self.subjects[index],
            official_test=official,
        )

    def most_frequent(self, count: int) -> np.ndarray:
        """Return the labels of the ``count`` largest classes, largest first, ties by label."""
        sizes = np.bincount(self.labels, minlength=len(self.names))
        present = np.argsort(-sizes, kind="stable")[: np.count_nonzero(sizes)]
        return present[:count]


def with_names(images: np.ndarray, names: list[str], by_picture: bool = False) -> Pictures:
    """Number the classes of ``names`` (one name a picture) in sorted order.

    Args:
        by_picture: every picture is a subject of its own instead of its class.
    """
    unique, labels = np.unique(np.asarray(names, dtype=np.str_), return_inverse=True)
    labels = labels.astype(np.int32)
    subjects = np.arange(len(labels), dtype=np.int32) if by_picture else labels
    return Pictures(images, labels, subjects, unique, np.empty(0, dtype=bool))
