"""Nothing to train."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

from masquerade.params import Generator


def train(
    embedder: keras.Model,
    images: np.ndarray,
    validation: np.ndarray | None,
    settings: Any,
    shared: Generator,
    seed: int,
    backup: Path | None = None,
    watch: object = None,
) -> tuple[keras.Model, pd.DataFrame]:
    x = keras.layers.Input(images.shape[1:], name="images")
    curves = pd.DataFrame({"loss": [0.0]}, index=pd.RangeIndex(1, 2, name="epoch"))
    curves.attrs = {"seconds": 1.0, "images": len(images), "warnings": []}
    return keras.Model(x, settings.white - x, name="generator"), curves
