"""Models that MLflow keeps, and the files that were logged with them."""

import re
from pathlib import Path

from masquerade.errors import InputError
from masquerade.tracking.store import storing, tracking_uri


def is_address(name: str) -> bool:
    """Whether this is MLflow's address of a model, or a folder that it has saved."""
    return re.match(r"models:/|runs:/", name) is not None or (Path(name) / "MLmodel").exists()


def artifacts(name: str, *wanted: str) -> list[Path]:
    """Return files that a model's code finds in its context; those of the store are downloaded.

    Args:
        name: an address such as ``models:/faces-keyed@champion``, or a folder.
        wanted: names of the files.

    Raises:
        InputError: there is no such model, or a file was not logged with it.
    """
    with storing(tracking_uri()):
        import mlflow
        from mlflow.models import Model

        folder = Path(name)
        if not (folder / "MLmodel").exists():
            mlflow.set_tracking_uri(tracking_uri())
            folder = Path(mlflow.artifacts.download_artifacts(name))
        try:
            logged = Model.load(str(folder)).flavors["python_function"]["artifacts"]
            return [folder / logged[each]["path"] for each in wanted]
        except KeyError as error:
            raise InputError(f"model {name}: has no {error.args[0]}: it is none that the stage package made") from error
