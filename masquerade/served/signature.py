"""What the served model takes and gives, as MLflow checks it."""

from mlflow.models import ModelSignature
from mlflow.types import ColSpec, DataType, ParamSchema, ParamSpec, Schema
from mlflow.types.schema import Array

REQUIREMENTS = (
    *("click", "cryptography", "keras", "mlflow", "mtcnn", "numpy", "pandas", "pillow", "scipy", "sqlalchemy"),
    *("tensorflow", "tensorflow-cpu", "tqdm"),
)
"""Distributions that it imports."""


def signature() -> ModelSignature:
    """Return the columns and parameters of :class:`masquerade.served.model.Distorter`."""
    pixels = Array(Array(Array(DataType.double)))
    return ModelSignature(
        inputs=Schema(
            [
                ColSpec(DataType.binary, "image", required=False),
                ColSpec(pixels, "pixels", required=False),
                ColSpec(DataType.string, "subject", required=False),
            ]
        ),
        outputs=Schema(
            [
                ColSpec(DataType.long, "number", required=False),
                ColSpec(DataType.binary, "template", required=False),
                ColSpec(Array(DataType.float), "vector"),
            ]
        ),
        params=ParamSchema(
            [
                ParamSpec("cropped", DataType.boolean, False),
                ParamSpec("embed", DataType.boolean, False),
                ParamSpec("system", DataType.string, "masquerade"),
                ParamSpec("base64", DataType.boolean, False),
            ]
        ),
    )
