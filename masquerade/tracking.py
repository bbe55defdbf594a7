"""What happened, where a person can compare it: the only module that knows MLflow.

A stage script wraps its work in one ``with``; the rest of the package never hears of it::

    with stage_run("train_generator", modality="digits", params={"seed": 7, "generator": {"alpha": 0.2}}) as run:
        ...
        run.log_curves(history)
        run.log_metrics({"real_template.eer": 0.031})

Runs go to the SQLite file ``mlflow.db`` and the folder ``mlartifacts`` in the project's root, which is where
``mlflow ui`` looks, or to the store that MLFLOW_TRACKING_URI names. One parent run stands for one state of the
pipeline (a DVC experiment, or a revision and its params.yaml), and every stage is a run nested in it.

``python -m masquerade.tracking`` creates the store (3 s the first time, 1.4 s after). A stage pays the same 1.4 s
for MLflow, nearly all of it imports.
"""

import gc
import hashlib
import importlib.metadata
import logging
import math
import os
import platform
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from masquerade.atomic import replacing
from masquerade.errors import InputError
from masquerade.plain_yaml import read_yaml

if TYPE_CHECKING:
    import keras
    import numpy as np
    import pandas as pd
    from mlflow.entities import Run
    from mlflow.tracking import MlflowClient

EXPERIMENT = "masquerade"
DATABASE = "mlflow.db"
ARTIFACTS = "mlartifacts"

# By these tags another process finds a run again.
STATE_TAG = "masquerade.state"
STAGE_TAG = "masquerade.stage"

# MLflow's limits on one value; those on one request its client keeps itself.
PARAM_LENGTH = 6000
DIGEST_LENGTH = 36

# MLflow reads these when it is imported; what the user has set wins. Its own defaults report usage over the network,
# talk between the lines of `dvc repro` and try an unreachable server for minutes.
ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
}

# Recorded with every stage.
PACKAGES = ("keras", "tensorflow", "tensorflow-cpu", "jax", "numpy", "mlflow", "dvc")


@dataclass(frozen=True)
class StageRun:
    """One stage's run and the parent it is nested in; made by :func:`stage_run`.

    Every method raises :class:`InputError` if the store cannot be written or MLflow refuses a name or value.
    """

    client: "MlflowClient"
    id: str
    parent_id: str
    modality: str | None
    alias: str

    def log_metrics(self, metrics: Mapping[str, float]) -> None:
        """Log final numbers, on the parent too, there as ``<modality>.<name>``.

        Raises :class:`InputError` for a value that is NaN or infinite: a table must not show it as a result.
        """
        for name, value in metrics.items():
            if not math.isfinite(value):
                raise InputError(f"metric {name} is {value}, which is not a result that can be compared")
        points = [(name, float(value), 0) for name, value in metrics.items()]
        prefix = f"{self.modality}." if self.modality else ""
        self._log_points(self.id, points)
        self._log_points(self.parent_id, [(prefix + name, value, step) for name, value, step in points])

    def log_curves(self, history: "pd.DataFrame") -> None:
        """Log one curve a column; the index is the epoch or step, an integer.

        A NaN is left out, because pandas so writes what was not measured at that step. Raises :class:`InputError` for
        an infinite value.
        """
        points = [
            (str(name), float(value), int(step))
            for name, column in history.items()
            for step, value in zip(history.index, column, strict=True)
            if not math.isnan(value)
        ]
        for name, value, step in points:
            if math.isinf(value):
                raise InputError(f"metric {name} is infinite at step {step}: the training diverged")
        self._log_points(self.id, points)

    def log_files(self, *paths: str | os.PathLike[str]) -> None:
        """Log tables, figures or whole folders, under the parent too, there in the folder ``<modality>``.

        CSV, Markdown, JSON and PNG are the formats that the MLflow UI shows; CSV as a table.
        """
        with _storing(self.client.tracking_uri):
            for path in paths:
                if not Path(path).exists():
                    raise InputError(f"{path}: there is no such file to log")
                self.client.log_artifact(self.id, os.fspath(path))
                self.client.log_artifact(self.parent_id, os.fspath(path), self.modality)

    def log_images(self, images: "np.ndarray", labels: "np.ndarray", *, name: str, split: str) -> None:
        """Log which images went in: name, split, shape and a digest, not the pixels.

        ``images`` is ``(n, h, w, c)`` uint8, ``labels`` is ``(n,)``.
        """
        with _storing(self.client.tracking_uri):
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
            self.client.log_inputs(self.id, [logged])

    def log_model(self, model: "keras.Model", *, name: str, example: "np.ndarray") -> str:
        """Log and register a Keras model; return its URI, ``models:/<name>/<version>``.

        ``example`` is a batch as the model takes it, of the type it takes; it only fixes the signature. The version
        also gets the parent's name as alias, so ``models:/<name>@<experiment>`` is the model of that experiment.
        Whoever loads a model with layers of this package must import their module first: Keras does not.
        """
        with _storing(self.client.tracking_uri), tempfile.TemporaryDirectory() as folder:
            import keras
            import mlflow.keras
            from mlflow.entities import LoggedModelOutput
            from mlflow.exceptions import MlflowException
            from mlflow.models import Model, infer_signature

            run = self.client.get_run(self.id)
            logged = self.client.create_logged_model(run.info.experiment_id, name, self.id, params=run.data.params)
            uri = f"models:/{logged.model_id}"
            outputs = keras.ops.convert_to_numpy(model(example[:1], training=False))
            path = Path(folder) / "model"
            backend = keras.backend.backend()
            # Without explicit requirements MLflow loads the model in a second process to find them: 15 s.
            mlflow.keras.save_model(
                model,
                str(path),
                mlflow_model=Model(logged.artifact_location, self.id, model_id=logged.model_id),
                signature=infer_signature(example[:1], outputs),
                pip_requirements=[
                    f"{package}=={version}"
                    for package, version in _versions(("keras", "numpy", backend, f"{backend}-cpu")).items()
                ],
            )
            self.client.log_model_artifacts(logged.model_id, str(path))
            self.client.finalize_logged_model(logged.model_id, "READY")
            self.client.log_outputs(self.id, [LoggedModelOutput(logged.model_id, step=0)])
            with suppress(MlflowException):  # registered by an earlier run
                self.client.create_registered_model(name)
            version = self.client.create_model_version(name, uri, self.id, model_id=logged.model_id).version
            self.client.set_registered_model_alias(name, self.alias, version)
            return f"models:/{name}/{version}"

    def _log_points(self, run_id: str, points: list[tuple[str, float, int]]) -> None:
        with _storing(self.client.tracking_uri):
            from mlflow.entities import Metric

            now = int(time.time() * 1000)
            self.client.log_batch(run_id, metrics=[Metric(name, value, now, step) for name, value, step in points])


@contextmanager
def stage_run(stage: str, modality: str | None = None, params: Mapping[str, Any] | None = None) -> Iterator[StageRun]:
    """Record a block as one stage of the present pipeline state; yield the :class:`StageRun` to log to.

    ``params`` may be nested; keys are joined with dots. A run of this stage that was interrupted under the same
    params goes on, any other earlier one is replaced (deleted, but restorable in the UI). The block's own exception
    marks the run FAILED, an interrupt KILLED, and goes on. Raises :class:`InputError` if the store cannot be used.
    """
    started = time.perf_counter()
    name = _stage_name(stage, modality)
    values = _flat(params or {})
    state = _state()
    with _storing(_tracking_uri()), _locked():
        client, experiment = _open()
        parent = _parent_run(client, experiment, state)
        run_id = _stage_run(client, experiment, parent, name, values, state.commit)
    run = StageRun(client, run_id, parent, modality, state.alias)
    try:
        yield run
    except BaseException as error:
        with suppress(InputError):  # the block's own error says more
            _close(run, experiment, "KILLED" if isinstance(error, KeyboardInterrupt) else "FAILED")
        raise
    run._log_points(run_id, [("wall_seconds", time.perf_counter() - started, 0)])
    _close(run, experiment, "FINISHED")


def initialise() -> str:
    """Create the store if it is missing and return its URI. Raises :class:`InputError` if it cannot be used."""
    with _storing(_tracking_uri()), _locked():
        _open()
    return _tracking_uri()


@dataclass(frozen=True)
class _State:
    """The pipeline's state: what a parent run stands for."""

    experiment: str
    commit: str
    params: bytes

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.params).hexdigest()[:7]

    @property
    def name(self) -> str:
        return self.experiment or "-".join(filter(None, [self.commit[:7], self.digest]))

    @property
    def tag(self) -> str:
        # `dvc exp run --force --name x` gives an old name to other params: that is another state. A digest of both,
        # because a name may hold quotes, which MLflow's filters cannot.
        return hashlib.sha256(f"{self.name} {self.digest}".encode()).hexdigest()

    @property
    def alias(self) -> str:
        alias = re.sub(r"[^\w-]", "-", self.name)
        return f"experiment-{alias}" if re.fullmatch(r"latest|v\d+", alias, re.IGNORECASE) else alias


def _state() -> _State:
    # The current folder, not DVC_ROOT: under `dvc exp run --temp` only the former has the experiment's params.
    with suppress(FileNotFoundError):
        return _State(os.environ.get("DVC_EXP_NAME", ""), _commit(), Path("params.yaml").read_bytes())
    return _State(os.environ.get("DVC_EXP_NAME", ""), _commit(), b"")


def _commit() -> str:
    with suppress(OSError):
        return subprocess.run(["git", "rev-parse", "--verify", "HEAD"], capture_output=True, text=True).stdout.strip()
    return ""


def _stage_name(stage: str, modality: str | None) -> str:
    # DVC's name knows every axis of a matrix, such as "alpha_sweep@digits-0.2".
    name = os.environ.get("DVC_STAGE", "")
    if name.partition("@")[0] == stage.partition("@")[0]:
        return name
    return f"{stage}@{modality}" if modality else stage


def _root() -> Path:
    # `dvc exp run --temp` throws its working folder away; DVC_ROOT stays the project.
    return Path(os.environ.get("DVC_ROOT") or ".").resolve()


def _tracking_uri() -> str:
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{_root() / DATABASE}"


@contextmanager
def _storing(uri: str) -> Iterator[None]:
    """Turn whatever the store raises into one sentence."""
    _load()
    from alembic.util import CommandError
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (MlflowException, SQLAlchemyError, CommandError, sqlite3.Error, OSError) as error:
        # "Connection refused" or "disk is full" lies at the bottom, under paragraphs of three libraries.
        causes = [cause for cause in _chain(error) if isinstance(cause, OSError | sqlite3.Error)]
        reason = str(causes[-1] if causes else error).strip().partition("\n")[0]
        sentence = f"MLflow store {uri} cannot be used: {reason}"
        raise InputError(re.sub(r"//[^/@\s]+@", "//", sentence)) from error  # no passwords of URIs on the screen


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _load() -> None:
    """Import MLflow, quietly and without the garbage collector.

    Its 2,000 modules set the collector off again and again, on import and once more at exit: 2.4 s with it, 1.4 s
    without. Nothing imported is garbage, so it is frozen out of later collections too.
    """
    if "mlflow" in sys.modules:
        return
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    enabled = gc.isenabled()
    gc.disable()
    try:
        import mlflow.store.tracking.sqlalchemy_store
        import mlflow.tracking  # noqa: F401
    finally:
        gc.freeze()
        if enabled:
            gc.enable()
    # It prints a stack trace before it raises the same error.
    logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)


@contextmanager
def _locked() -> Iterator[None]:
    from filelock import FileLock

    with FileLock(_root() / f"{DATABASE}.lock", timeout=120):
        yield


def _open() -> tuple["MlflowClient", str]:
    """Return a client and the id of the experiment, both created if missing; the caller holds the lock."""
    from alembic.util import CommandError
    from mlflow import set_tracking_uri
    from mlflow.exceptions import MlflowException
    from mlflow.tracking import MlflowClient

    uri = _tracking_uri()
    database, artifacts = _root() / DATABASE, (_root() / ARTIFACTS).as_uri()
    ours = uri == f"sqlite:///{database}"
    if ours and not database.exists():
        _create(database, artifacts)
    if ours:
        # MLflow tries a file that it may not open for 100 s.
        with sqlite3.connect(database) as connection:
            connection.execute("PRAGMA schema_version")
        connection.close()
    # MLflow registers a model through a client of its own, which would look into the current folder.
    set_tracking_uri(uri)
    try:
        client = MlflowClient(uri)
        experiment = client.get_experiment_by_name(EXPERIMENT)
    except (MlflowException, CommandError):
        if ours:
            _check_version(database)
        raise
    if experiment is None:
        served = uri.startswith(("http:", "https:", "databricks"))
        # The UI would otherwise guess, and may show its pages for language models.
        tags = {"mlflow.experimentKind": "custom_model_development"}
        return client, client.create_experiment(EXPERIMENT, None if served else artifacts, tags)
    if ours and experiment.artifact_location != artifacts:
        raise InputError(
            f"{database} belongs to another folder (its artifacts are in {experiment.artifact_location}); "
            f"move it away and run again, or move the project back"
        )
    if experiment.lifecycle_stage == "deleted":
        client.restore_experiment(experiment.experiment_id)
    return client, experiment.experiment_id


def _create(database: Path, artifacts: str) -> None:
    # Fifty migrations one by one: a process killed between them leaves a file that nothing can open.
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    with replacing(database) as temporary:
        SqlAlchemyStore(f"sqlite:///{temporary}", artifacts).engine.dispose()


def _check_version(database: Path) -> None:
    """Raise :class:`InputError` for a version that MLflow does not know: it advises an upgrade, which would fail."""
    import mlflow
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    with sqlite3.connect(database) as connection:
        version = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    connection.close()
    migrations = ScriptDirectory(str(Path(mlflow.__file__).parent / "store" / "db_migrations"))
    try:
        migrations.get_revision(version and version[0])
    except CommandError as error:
        raise InputError(
            f"{database}: MLflow {mlflow.__version__} does not know version {version[0]} of this file; move it away, "
            "or install the MLflow that wrote it"
        ) from error


def _parent_run(client: "MlflowClient", experiment: str, state: _State) -> str:
    found = client.search_runs([experiment], f"tags.`{STATE_TAG}` = '{state.tag}'", max_results=1)
    if found:
        client.update_run(found[0].info.run_id, status="RUNNING")
        return found[0].info.run_id
    tags = {STATE_TAG: state.tag, **_provenance(state.commit)}
    run_id = client.create_run(experiment, run_name=state.name, tags=tags).info.run_id
    if state.params:
        content = read_yaml(Path("params.yaml"))
        _log_params(client, run_id, _flat(content if isinstance(content, dict) else {}))
        client.log_artifact(run_id, "params.yaml")
    return run_id


def _stage_run(
    client: "MlflowClient", experiment: str, parent: str, name: str, params: Mapping[str, str], commit: str
) -> str:
    for run in _stages(client, experiment, parent):
        if run.data.tags[STAGE_TAG] != name:
            continue
        # Params are write-once, so a run with other params cannot go on.
        if run.info.status != "FINISHED" and run.data.params == params:
            client.update_run(run.info.run_id, status="RUNNING")
            return run.info.run_id
        client.delete_run(run.info.run_id)
    tags = {"mlflow.parentRunId": parent, STAGE_TAG: name, **_provenance(commit)}
    run_id = client.create_run(experiment, run_name=name, tags=tags).info.run_id
    _log_params(client, run_id, params)
    return run_id


def _close(run: StageRun, experiment: str, status: str) -> None:
    """End the stage's run, and the parent's with the worst end among its stages."""
    with _storing(run.client.tracking_uri), _locked():
        run.client.set_terminated(run.id, status)
        stages = _stages(run.client, experiment, run.parent_id)
        failed = any(stage.info.status in ("FAILED", "KILLED") for stage in stages)
        run.client.set_terminated(run.parent_id, "FAILED" if failed else "FINISHED")


def _stages(client: "MlflowClient", experiment: str, parent: str) -> "list[Run]":
    return client.search_runs([experiment], f"tags.`mlflow.parentRunId` = '{parent}'")


def _provenance(commit: str) -> dict[str, str]:
    """Tags that say what ran; those with ``mlflow.`` fill columns of the UI."""
    return {
        "mlflow.source.name": sys.argv[0],
        "mlflow.source.type": "LOCAL",
        "mlflow.source.git.commit": commit,
        "dvc.stage": os.environ.get("DVC_STAGE", ""),
        "platform": platform.platform(),
        "keras.backend": os.environ.get("KERAS_BACKEND", ""),
        "version.python": platform.python_version(),
        **{f"version.{package}": version for package, version in _versions(PACKAGES).items()},
    }


def _versions(packages: tuple[str, ...]) -> dict[str, str]:
    versions = {}
    for package in packages:
        with suppress(importlib.metadata.PackageNotFoundError):
            versions[package] = importlib.metadata.version(package)
    return versions


def _flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in values.items():
        if isinstance(value, Mapping) and value:
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = str(value)[:PARAM_LENGTH]
    return flat


def _log_params(client: "MlflowClient", run_id: str, params: Mapping[str, str]) -> None:
    from mlflow.entities import Param

    client.log_batch(run_id, params=[Param(key, value) for key, value in params.items()])


if __name__ == "__main__":
    try:
        print(f"MLflow store: {initialise()}")
    except InputError as error:
        error.show()
        sys.exit(error.exit_code)
