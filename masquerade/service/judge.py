"""What a judge that never saw F or G makes of a template beside the image it was made from."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from masquerade.images import to_float
from masquerade.recognisability.features import Features, unit
from masquerade.recognisability.views import views


class Opinion(NamedTuple):
    """The view (:mod:`masquerade.recognisability.views`) in which a template is most like the image.

    Attributes:
        view: its name.
        cosine: of the judge's features, −1…1; 1 is the same picture.
    """

    view: str
    cosine: float


def open_judge(path: Path) -> Features:
    """Load a judge.

    Raises:
        InputError: the file is missing or damaged.
    """
    from masquerade.saving import load_model

    network = load_model(path)
    return lambda images: np.asarray(network.predict_on_batch(images))


def opinion(judge: Features, template: np.ndarray, image: np.ndarray) -> Opinion:
    """Let a judge look at a template in every view; both are uint8 (h, w, c)."""
    shown = to_float(template[None])
    (known,) = unit(judge(to_float(image[None])))
    # A view may need the mean of many templates, which nobody has here: that of locked ones is a plain grey.
    mean = np.full_like(shown[0], shown.mean())
    found = {name: float(unit(judge(look(shown, mean)))[0] @ known) for name, look in views(shown.shape[-1]).items()}
    best = max(found, key=lambda name: found[name])
    return Opinion(best, found[best])
