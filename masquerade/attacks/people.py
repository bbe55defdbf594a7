"""Whose images an attacker has, and whose templates are attacked."""

import numpy as np

from masquerade.errors import InputError

MOST = 1000
"""Images that are attacked, at most, or two of each label."""


def attacked(labels: np.ndarray, subjects: np.ndarray, most: int = MOST) -> np.ndarray:
    """Return which held-out images, bool (n,), are attacked: those of every other subject, if their label has several.

    The attacker learns from the images of the other subjects: of people whom neither G nor the attack's evaluation has
    seen. Where each image is a subject of its own, as with digits, they are other images of the same labels.

    Raises:
        InputError: there are too few people.
    """
    odd = np.unique(subjects, return_inverse=True)[1] % 2 == 1
    victims = several(labels, most, odd)
    if len(np.unique(labels[victims])) < 2 or np.sum(~odd) < 4:
        raise InputError("too few held-out people for the attacks: two with two images each, and two whom they know")
    return victims


def others(subjects: np.ndarray) -> np.ndarray:
    """Return which held-out images, bool (n,), an attacker may learn from."""
    return np.unique(subjects, return_inverse=True)[1] % 2 == 0


def several(labels: np.ndarray, most: int, among: np.ndarray) -> np.ndarray:
    """Return which of some images, bool (n,), are of labels with several, as many of each label; at most ``most``.

    If there are more labels than that, it is two of each.
    """
    places = np.flatnonzero(among)
    names, label_of, sizes = np.unique(labels[places], return_inverse=True, return_counts=True)
    order = np.argsort(label_of, kind="stable")
    rank = np.empty(len(places), int)
    rank[order] = np.arange(len(places)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    chosen = np.zeros(len(labels), bool)
    chosen[places[(rank < max(2, most // max(len(names), 1))) & (sizes[label_of] > 1)]] = True
    return chosen
