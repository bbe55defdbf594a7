"""The model that MLflow serves, from this file's code: images in, templates out.

``MASQUERADE_KEY`` names the file with the master secret, where the model runs; it is never part of the model.
"""

import base64
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel, PythonModelContext

from masquerade.errors import InputError
from masquerade.gallery.store import checked_name, new_number
from masquerade.images import to_uint8
from masquerade.keys import Keyring, Record, read_key
from masquerade.lock import Lock
from masquerade.recognition.model import ModelFiles, load


class Distorter(PythonModel):
    """Makes a template of each image.

    Its input has the columns ``image``, a .png or .jpg file (base64 in JSON), or ``pixels`` (h, w, c) in [0, 1]; and
    ``subject``. An image is a photograph whose face is looked for, or with the parameter ``cropped`` what F should see
    and no more. Its output has ``number``, of the record, ``template``, a .png file, and ``vector``, F(T): all that a
    gallery stores. With ``base64`` the template is text, because MLflow gives Spark no bytes. With ``embed`` the output
    has ``vector`` alone, and that is F(X), which needs no key.
    """

    def load_context(self, context: PythonModelContext) -> None:
        files = (Path(context.artifacts[name]) for name in ("embedder", "generator", "usage"))
        self.model = load(ModelFiles(*files))

    def predict(
        self, context: PythonModelContext, model_input: pd.DataFrame, params: Mapping[str, Any] | None = None
    ) -> pd.DataFrame:
        chosen = dict(params or {})
        cropped = bool(chosen.get("cropped"))
        rows = model_input.to_dict("records")
        images = np.stack([self._image(row, number, cropped) for number, row in enumerate(rows)])
        vectors = self.model.embed(images)
        if chosen.get("embed"):
            return pd.DataFrame({"vector": list(vectors)})
        subjects = [checked_name(str(subject)) for subject in model_input["subject"]]
        numbers = [new_number() for _ in subjects]
        records = [Record(chosen["system"], subject, number) for subject, number in zip(subjects, numbers, strict=True)]
        templates, seen = self.model.paint(vectors, Lock(self.model.components, Keyring(read_key(), records)))
        files = [base64.b64encode(file).decode() for file in templates] if chosen.get("base64") else templates
        return pd.DataFrame({"number": numbers, "template": files, "vector": list(seen)})

    def _image(self, row: Mapping[Hashable, Any], number: int, cropped: bool) -> np.ndarray:
        if isinstance(row.get("image"), bytes):
            return self.model.read(f"row {number}", row["image"], cropped)
        if row.get("pixels") is None:
            raise InputError(f"row {number}: has neither an image nor pixels")
        pixels = np.array([[list(column) for column in line] for line in row["pixels"]], np.float32)
        if pixels.shape != self.model.shape:
            raise InputError(f"row {number}: its pixels have the shape {pixels.shape}, not {self.model.shape}")
        if not (pixels.min() >= 0 and pixels.max() <= 1):
            raise InputError(f"row {number}: its pixels are not in [0, 1]")
        return to_uint8(pixels)


set_model(Distorter())
