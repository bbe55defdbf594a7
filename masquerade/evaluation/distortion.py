"""How far templates are from their images, by every distance of Section 3.2."""

import keras
import numpy as np
import pandas as pd

from masquerade.distances import NAMES, distance
from masquerade.evaluation.templates import Templates
from masquerade.training import Batches


def image_distances(images: np.ndarray, templates: Templates, beta: float) -> pd.DataFrame:
    """Measure every d_img of Section 3.2 and d_emb between each image and its template, one row per image."""
    functions = {name: distance(name, beta) for name in NAMES}
    rows = [
        pd.DataFrame({name: keras.ops.convert_to_numpy(d(y["stored"], x)) for name, d in functions.items()})
        for x, y in Batches(images, {"stored": templates.images})
    ]
    return pd.concat(rows, ignore_index=True).assign(d_emb=templates.d_emb).rename_axis("image")
