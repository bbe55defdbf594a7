"""Whose images an attacker has, and whose templates are attacked."""

import numpy as np


def attacked(subjects: np.ndarray) -> np.ndarray:
    """Return which held-out images, bool (n,), are attacked: those of every other subject.

    The attacker learns from the images of the others: people whom neither G nor the evaluation of the attack has seen.
    """
    return np.unique(subjects, return_inverse=True)[1] % 2 == 1
