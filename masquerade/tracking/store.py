"""The store of the runs: its address, lock, creation and errors."""

import gc
import logging
import os
import re
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from masquerade.atomic import replacing
from masquerade.errors import InputError

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

EXPERIMENT = "masquerade"
DATABASE = "mlflow.db"
ARTIFACTS = "mlartifacts"

TURN = "masquerade-turn"
"""A registered model that is there for a moment, see :func:`taking_turns`."""

PATIENCE = 60
"""Seconds after which whoever took a turn must have been killed in it."""

# MLflow reads these on import or when it calls a server; the user's own settings win. Its defaults report usage over
# the network, print between the lines of `dvc repro` and retry an unreachable server for minutes.
ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
}


def initialise() -> str:
    """Create the store if it is missing and return its URI. Raises :class:`InputError` if it cannot be used."""
    with storing(tracking_uri()), locked():
        opened()
    return tracking_uri()


def root() -> Path:
    """The project's folder, where the store lies."""
    # `dvc exp run --temp` deletes its working folder; DVC_ROOT is still the project.
    return Path(os.environ.get("DVC_ROOT") or ".").resolve()


def tracking_uri() -> str:
    """The store's address: MLFLOW_TRACKING_URI, or the project's own SQLite file."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{root() / DATABASE}"


@contextmanager
def storing(uri: str) -> Iterator[None]:
    """Turn any error of the store in the block into a one-sentence :class:`InputError`; import MLflow first."""
    _load()
    from alembic.util import CommandError
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (MlflowException, SQLAlchemyError, CommandError, sqlite3.Error, OSError) as error:
        # The cause, such as "Connection refused", is the last in the chain, below paragraphs of three libraries.
        causes = [cause for cause in _chain(error) if isinstance(cause, OSError | sqlite3.Error)]
        reason = str(causes[-1] if causes else error).strip().partition("\n")[0]
        sentence = f"MLflow store {uri} cannot be used: {reason}"
        raise InputError(re.sub(r"//[^/@\s]+@", "//", sentence)) from error  # hides passwords in URIs


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _load() -> None:
    """Import MLflow, quietly and without the garbage collector.

    Its 2,000 modules trigger the collector again and again, on import and at exit: 2.4 s with it, 1.4 s without.
    Nothing imported is garbage, so later collections skip it too.
    """
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    if "mlflow" in sys.modules:
        return
    enabled = gc.isenabled()
    gc.disable()
    try:
        import mlflow.store.tracking.sqlalchemy_store
        import mlflow.tracking  # noqa: F401
    finally:
        gc.freeze()
        if enabled:
            gc.enable()
    # The first logs a stack trace of an error that it also raises, the second a full disk, which the stage reports too.
    for logger in ("mlflow.store.db.utils", "mlflow.system_metrics.system_metrics_monitor"):
        logging.getLogger(logger).setLevel(logging.CRITICAL)


@contextmanager
def locked() -> Iterator[None]:
    """Keep other processes of this folder from creating the same run, or the store, at the same time."""
    from filelock import FileLock

    with FileLock(root() / f"{DATABASE}.lock", timeout=120):
        yield


@contextmanager
def taking_turns(client: "MlflowClient") -> Iterator[None]:
    """Keep processes that share a server, but no folder, from creating the same run at the same time.

    MLflow has no locks and gives runs no order that all see alike, but of registered models with one name it makes only
    one, whoever asks. No clocks are compared.
    """
    if client.tracking_uri == f"sqlite:///{root() / DATABASE}":
        yield  # locked() is enough
        return
    holder, since = None, time.monotonic()
    while True:
        # The server looks at the one that is there, and that may just be gone.
        with _allowing("RESOURCE_ALREADY_EXISTS", "RESOURCE_DOES_NOT_EXIST"):
            client.create_registered_model(TURN, description="Somebody creates a run; this goes away at once.")
            break
        before, holder = holder, None
        with _allowing("RESOURCE_DOES_NOT_EXIST"):  # the turn has just ended
            holder = client.get_registered_model(TURN).creation_timestamp
            if holder != before:
                since = time.monotonic()
            elif time.monotonic() - since > PATIENCE:
                client.delete_registered_model(TURN)
        time.sleep(0.05)
    try:
        yield
    finally:
        with _allowing("RESOURCE_DOES_NOT_EXIST"):  # it took so long that somebody else ended it
            client.delete_registered_model(TURN)


@contextmanager
def _allowing(*codes: str) -> Iterator[None]:
    from mlflow.exceptions import MlflowException

    try:
        yield
    except MlflowException as error:
        if error.error_code not in codes:
            raise


def _new_experiment(client: "MlflowClient", uri: str, artifacts: str) -> str:
    served = uri.startswith(("http:", "https:", "databricks"))
    # The UI would otherwise guess, and may show its pages for language models.
    tags = {"mlflow.experimentKind": "custom_model_development"}
    with _allowing("RESOURCE_ALREADY_EXISTS"):  # another clone is faster
        return client.create_experiment(EXPERIMENT, None if served else artifacts, tags)
    return client.get_experiment_by_name(EXPERIMENT).experiment_id


def opened() -> tuple["MlflowClient", str]:
    """Return a client and the id of the experiment, both created if missing; the caller holds the lock."""
    from alembic.util import CommandError
    from mlflow import set_tracking_uri
    from mlflow.exceptions import MlflowException
    from mlflow.tracking import MlflowClient

    uri = tracking_uri()
    database, artifacts = root() / DATABASE, (root() / ARTIFACTS).as_uri()
    ours = uri == f"sqlite:///{database}"
    if ours and not database.exists():
        _create(database, artifacts)
    if ours:
        # MLflow would retry for 100 s to open a file without permission.
        with sqlite3.connect(database) as connection:
            connection.execute("PRAGMA schema_version")
        connection.close()
    # MLflow registers models through its own client, which would use the current folder.
    set_tracking_uri(uri)
    try:
        client = MlflowClient(uri)
        experiment = client.get_experiment_by_name(EXPERIMENT)
    except (MlflowException, CommandError):
        if ours:
            _check_version(database)
        raise
    if experiment is None:
        return client, _new_experiment(client, uri, artifacts)
    if ours and experiment.artifact_location != artifacts:
        raise InputError(
            f"{database} belongs to another folder (its artifacts are in {experiment.artifact_location}); "
            f"move it away and run again, or move the project back"
        )
    if experiment.lifecycle_stage == "deleted":
        client.restore_experiment(experiment.experiment_id)
    return client, experiment.experiment_id


def _create(database: Path, artifacts: str) -> None:
    # There are fifty migrations: a process killed between them would leave a file that nothing can open.
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    with replacing(database) as temporary:
        SqlAlchemyStore(f"sqlite:///{temporary}", artifacts).engine.dispose()


def _check_version(database: Path) -> None:
    """Raise :class:`InputError` for a version that MLflow does not know: MLflow would advise an upgrade that fails."""
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
