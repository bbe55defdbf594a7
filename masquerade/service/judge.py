"""What a judge that never saw F or G makes of a template beside the image it was made from."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from masquerade.evaluation.likeness import unit
from masquerade.images import to_float
from masquerade.recognisability.features import Features
from masquerade.recognisability.views import views

OTHERS = 19
"""Templates of other people that one is compared with."""


class Opinion(NamedTuple):
    """Where a judge puts a template among those of others, by their likeness to the image it was made from.

    Attributes:
        place: 1 is the most alike; by chance every place is as likely.
        of: how many there were.
    """

    place: int
    of: int


def open_judge(path: Path) -> Features:
    """Load a judge.

    Raises:
        InputError: the file is missing or damaged.
    """
    from masquerade.saving import load_model

    network = load_model(path)
    return lambda images: np.asarray(network.predict_on_batch(images))


def opinion(judge: Features, templates: np.ndarray, image: np.ndarray) -> Opinion:
    """Let a judge look at templates (n, h, w, c), that of the image (h, w, c) first, in every view; all are uint8.

    A template is as like the image as in the view where it stands out most from the others. A cosine alone would say
    little: any two noises are alike in some view.
    """
    shown = to_float(templates)
    (known,) = unit(judge(to_float(image[None])))
    mean = shown.mean(axis=0)
    likeness = np.stack([unit(judge(look(shown, mean))) @ known for look in views(shown.shape[-1]).values()])
    spread = np.maximum(likeness.std(axis=1, keepdims=True), 1e-9)
    scores = ((likeness - likeness.mean(axis=1, keepdims=True)) / spread).max(axis=0)
    return Opinion(1 + int(np.sum(scores[1:] >= scores[0])), len(templates))
