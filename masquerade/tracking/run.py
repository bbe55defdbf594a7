"""What a stage logs."""

import hashlib
import json
import math
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from masquerade.errors import InputError
from masquerade.tracking.provenance import versions
from masquerade.tracking.store import storing

if TYPE_CHECKING:
    import keras
    import numpy as np
    import pandas as pd
    from mlflow.models import Model, ModelSignature
    from mlflow.tracking import MlflowClient

Point = tuple[str, float, int]
"""Name, value and step of a metric."""

# MLflow's limits on one value; its client respects those on one request.
DIGEST_LENGTH = 36
DESCRIPTION_LENGTH = 8000


@dataclass(frozen=True)
class StageRun:
    """One stage's run and the parent it is nested in; made by :func:`masquerade.tracking.stage_run`.

    Every method raises :class:`InputError` if the store cannot be written or MLflow refuses a name or value.

    Attributes:
        known: what an interrupted process logged to this run; the same point is not logged twice.
    """

    client: "MlflowClient"
    id: str
    parent_id: str
    modality: str | None
    alias: str
    known: frozenset[Point] = frozenset()

    def log_metrics(self, metrics: Mapping[str, float]) -> None:
        """Log final numbers to this run and, as ``<modality>.<name>``, to the parent.

        Raises :class:`InputError` for a value that is NaN or infinite: a table must not show it as a result.
        """
        for name, value in metrics.items():
            if not math.isfinite(value):
                raise InputError(f"metric {name} is {value}, which is not a result that can be compared")
        points = [(name, float(value), 0) for name, value in metrics.items()]
        prefix = f"{self.modality}." if self.modality else ""
        self.log_points(points)
        self._log_points(self.parent_id, [(prefix + name, value, step) for name, value, step in points])

    def log_epoch(self, epoch: int, numbers: Mapping[str, float], prefix: str = "") -> None:
        """Log a point of each curve during training; epochs count from 1, ``prefix`` begins every name.

        A NaN is left out: it was not measured in that epoch. Raises :class:`InputError` for an infinite value.
        """
        points = [(prefix + name, float(value), epoch) for name, value in numbers.items() if not math.isnan(value)]
        for name, value, step in points:
            if math.isinf(value):
                raise InputError(f"metric {name} is infinite at step {step}: the training diverged")
        self.log_points(points)

    def log_points(self, points: list[Point]) -> None:
        """Log points only to the stage's run."""
        self._log_points(self.id, [point for point in points if point not in self.known])

    def describe(self, text: str) -> None:
        """Set the parent's description, in Markdown; lines beyond MLflow's limit are cut off."""
        if len(text) > DESCRIPTION_LENGTH:
            text = text[:DESCRIPTION_LENGTH]
            text = text.rpartition("\n")[0] or text
        with storing(self.client.tracking_uri):
            self.client.set_tag(self.parent_id, "mlflow.note.content", text)

    def warn(self, name: str, warnings: list[str]) -> None:
        """Tag this run and the parent with what is wrong with a result, and how many such sentences there are."""
        self.log_metrics({f"warnings.{name}": len(warnings)})
        prefix = f"{self.modality}." if self.modality else ""
        with storing(self.client.tracking_uri):
            for run_id, key in ((self.id, f"warning.{name}"), (self.parent_id, f"warning.{prefix}{name}")):
                self.client.set_tag(run_id, key, "; ".join(warnings))

    def log_files(self, *paths: str | os.PathLike[str]) -> None:
        """Log tables, figures or whole folders to this run and, in the folder ``<modality>``, to the parent.

        CSV, Markdown, JSON and PNG are the formats that the MLflow UI shows; CSV as a table.
        """
        with storing(self.client.tracking_uri):
            for path in paths:
                if not Path(path).exists():
                    raise InputError(f"{path}: there is no such file to log")
                self.client.log_artifact(self.id, os.fspath(path))
                self.client.log_artifact(self.parent_id, os.fspath(path), self.modality)

    def log_images(self, images: "np.ndarray", labels: "np.ndarray", *, name: str, split: str) -> None:
        """Log which images were used, to the parent too: name, split, shape and a digest, not the pixels.

        ``images`` is ``(n, h, w, c)`` uint8, ``labels`` is ``(n,)``.
        """
        with storing(self.client.tracking_uri):
            from mlflow.data import from_numpy
            from mlflow.data.code_dataset_source import CodeDatasetSource
            from mlflow.entities import Dataset, DatasetInput, InputTag

            # MLflow's own digest covers the first 10,000 numbers: a dozen digits, or one face.
            digest = hashlib.sha256()
            for array in (images, labels):
                digest.update(f"{array.dtype}{array.shape}".encode())
                digest.update(array.ravel().view("u1").data)  # tobytes() would copy a gigabyte
            dataset = from_numpy(
                images,
                targets=labels,
                name=name,
                digest=digest.hexdigest()[:DIGEST_LENGTH],
                source=CodeDatasetSource({"mlflow.source.name": sys.argv[0]}),
            )
            logged = DatasetInput(Dataset(**dataset.to_dict()), [InputTag("mlflow.data.context", split)])
            for run_id in (self.id, self.parent_id):
                self.client.log_inputs(run_id, [logged])

    def log_model(self, model: "keras.Model", *, name: str, example: "np.ndarray") -> str:
        """Log and register a Keras model, for the parent too; return its URI, ``models:/<name>/<version>``.

        ``example`` is an input batch of the model; it only determines the signature. The version
        also gets the parent's name as alias, so ``models:/<name>@<experiment>`` is the model of that experiment.
        Before loading a model with layers of this package, import their module: Keras does not.
        """

        def save(path: Path, mlflow_model: "Model") -> None:
            import keras
            import mlflow.keras
            from mlflow.models import infer_signature

            outputs = keras.ops.convert_to_numpy(model(example[:1], training=False))
            backend = keras.backend.backend()
            mlflow.keras.save_model(
                model,
                str(path),
                mlflow_model=mlflow_model,
                signature=infer_signature(example[:1], outputs),
                pip_requirements=pinned("keras", "numpy", backend, f"{backend}-cpu"),
            )

        return self._log_model(name, save)

    def log_code(
        self,
        code: Path,
        files: Mapping[str, Path],
        *,
        name: str,
        signature: "ModelSignature",
        example: "tuple[pd.DataFrame, dict[str, Any]]",
        requirements: Sequence[str],
    ) -> str:
        """Log and register a model that is a file of Python code with files beside it; see :meth:`log_model`.

        Args:
            code: calls :func:`mlflow.models.set_model`; this package goes with it.
            files: what its ``load_context`` finds in ``context.artifacts``.
            example: an input and its parameters.
            requirements: distributions that it imports, without versions.
        """

        def save(path: Path, mlflow_model: "Model") -> None:
            import mlflow.pyfunc

            mlflow.pyfunc.save_model(
                str(path),
                python_model=str(code),
                artifacts={key: os.fspath(file) for key, file in files.items()},
                code_paths=[str(Path(__file__).parents[1])],
                mlflow_model=mlflow_model,
                signature=signature,
                input_example=example,
                pip_requirements=pinned(*requirements),
            )

        return self._log_model(name, save)

    def _log_model(self, name: str, save: "Callable[[Path, Model], None]") -> str:
        with storing(self.client.tracking_uri), tempfile.TemporaryDirectory() as folder:
            from mlflow.entities import LoggedModelOutput
            from mlflow.exceptions import MlflowException
            from mlflow.models import Model
            from mlflow.utils.mlflow_tags import MLFLOW_MODEL_VERSIONS

            run = self.client.get_run(self.id)
            logged = self.client.create_logged_model(run.info.experiment_id, name, self.id, params=run.data.params)
            uri = f"models:/{logged.model_id}"
            path = Path(folder) / "model"
            save(path, Model(logged.artifact_location, self.id, model_id=logged.model_id))
            self.client.log_model_artifacts(logged.model_id, str(path))
            self.client.finalize_logged_model(logged.model_id, "READY")
            for run_id in (self.id, self.parent_id):
                self.client.log_outputs(run_id, [LoggedModelOutput(logged.model_id, step=0)])
            with suppress(MlflowException):  # registered by an earlier run
                self.client.create_registered_model(name)
            version = self.client.create_model_version(name, uri, self.id, model_id=logged.model_id).version
            # What MLflow's page of a run shows as registered; its client's create_model_version does not set it.
            registered = json.dumps([{"name": name, "version": version}])
            self.client.set_logged_model_tags(logged.model_id, {MLFLOW_MODEL_VERSIONS: registered})
            self.client.set_registered_model_alias(name, self.alias, version)
            return f"models:/{name}/{version}"

    def _log_points(self, run_id: str, points: list[Point]) -> None:
        with storing(self.client.tracking_uri):
            from mlflow.entities import Metric

            now = int(time.time() * 1000)
            self.client.log_batch(run_id, metrics=[Metric(name, value, now, step) for name, value, step in points])


def pinned(*distributions: str) -> list[str]:
    """Return those that are installed with their versions, as requirements.

    Without explicit requirements MLflow loads a model in a second process to find them: 15 s.
    """
    return [f"{distribution}=={version}" for distribution, version in versions(distributions).items()]
