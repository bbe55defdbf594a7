"""Whose images an attacker has, and whose templates are attacked."""

import numpy as np

MOST = 1000
"""Images that are attacked, at most, or two of each label."""

LINKED = 2000
"""Images that are linked, at most, or two of each label."""

KNOWN = 4
"""Images that an attacker learns from, at least."""

TOO_FEW_TO_LINK = "too few people; it takes two held-out people with two images each"
"""Why nothing is linked: there are no mated or no non-mated pairs."""

TOO_FEW = f"{TOO_FEW_TO_LINK}, and {KNOWN} images of others"
"""Why nobody is attacked by those who learn from others."""


def attacked(labels: np.ndarray, subjects: np.ndarray, most: int = MOST) -> np.ndarray:
    """Return which held-out images, bool (n,), are attacked: those of every other subject, if their label has several.

    None is where there are too few people, see :data:`TOO_FEW`.

    The attacker learns from the images of the other subjects: of people whom neither G nor the attack's evaluation has
    seen. Where each image is a subject of its own, as with digits, they are other images of the same labels.
    """
    odd = np.unique(subjects, return_inverse=True)[1] % 2 == 1
    victims = several(labels, most, odd)
    enough = len(np.unique(labels[victims])) > 1 and np.sum(~odd) >= KNOWN
    return victims & enough


def others(subjects: np.ndarray) -> np.ndarray:
    """Return which held-out images, bool (n,), an attacker may learn from."""
    return np.unique(subjects, return_inverse=True)[1] % 2 == 0


def linked(labels: np.ndarray) -> np.ndarray:
    """Return which held-out images, bool (n,), are linked; none where there are not two people to tell apart."""
    chosen = several(labels, LINKED, np.ones(len(labels), bool))
    return chosen & (len(np.unique(labels[chosen])) > 1)


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
