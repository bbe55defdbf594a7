"""Whose images an attacker has, and whose templates are attacked."""

import numpy as np

from masquerade.errors import InputError

MOST = 1000
"""Images that are attacked, at most: those of the largest labels."""


def attacked(labels: np.ndarray, subjects: np.ndarray) -> np.ndarray:
    """Return which held-out images, bool (n,), are attacked: those of every other subject, if their label has several.

    The attacker learns from the other images: of people whom neither G nor the attack's evaluation has seen. Where each
    image is a subject of its own, as with digits, they are other images of the same labels.

    Raises:
        InputError: there are too few people.
    """
    victims = np.unique(subjects, return_inverse=True)[1] % 2 == 1
    taken = largest(labels[victims], MOST)
    if len(taken) < 2 or np.sum(~victims) < 4:
        raise InputError("too few held-out people for the attacks: two with two images each, and two whom they know")
    return victims & np.isin(labels, taken)


def largest(labels: np.ndarray, count: int) -> np.ndarray:
    """Return the labels with several images, the largest, whose images are together at most ``count``."""
    names, sizes = np.unique(labels, return_counts=True)
    order = np.argsort(-sizes, kind="stable")
    return names[order][(np.cumsum(sizes[order]) <= count) & (sizes[order] > 1)]
