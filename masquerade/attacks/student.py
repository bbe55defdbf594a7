"""A student that learns from examples (T, X) to read F(X) from T, as FaceLinkGen's attack does, and what it reads."""

from collections.abc import Sequence

import numpy as np
from sklearn.decomposition import PCA
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from masquerade.images import to_float

PENALTIES = np.logspace(-1, 6, 15)
"""Of the ridge regression; the examples that are left out one by one choose."""

PIXELS = 64
"""Principal components of the templates' pixels that it sees, at most a quarter of the number of examples."""


def clues(images: np.ndarray, embeddings: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return what a student sees of templates: F(T) and the principal components of their pixels, (n, m + p).

    Args:
        images: uint8 (n, h, w, c).
        embeddings: F(T), unit vectors (n, m); unlocked if the attacker has the keys.
        known: bool (n,), the attacker's own templates, to which the components are fitted.
    """
    pixels = to_float(images).reshape(len(images), -1)
    components = PCA(max(1, min(PIXELS, known.sum() // 4)), svd_solver="randomized", random_state=0).fit(pixels[known])
    return np.hstack([embeddings, components.transform(pixels)])


def learn(seen: np.ndarray, embeddings: np.ndarray, targets: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Read F(X) from all templates after learning from some.

    The student begins with F(T), which it knows, and learns what to add: a ridge regression.

    Args:
        seen: of :func:`clues`, (n, m + p).
        embeddings: F(T), unit vectors (n, m).
        targets: F(X), unit vectors (n, m); only those of the chosen ones are read.
        chosen: int (k,), the examples it learns from.

    Returns:
        Unit vectors (n, m).
    """
    student = make_pipeline(StandardScaler(), RidgeCV(PENALTIES))
    student.fit(seen[chosen], targets[chosen] - embeddings[chosen])
    read = embeddings + student.predict(seen)
    return (read / np.linalg.norm(read, axis=1, keepdims=True)).astype(np.float32)


def sizes(wanted: Sequence[int], available: int) -> list[int]:
    """Return the numbers of examples below those available, ascending, and all of them last."""
    return [*(size for size in sorted(wanted) if size < available), available]
