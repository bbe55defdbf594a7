"""What ran: the pipeline's state, how it was started, and the versions of everything."""

import hashlib
import importlib.metadata
import os
import platform
import re
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

# Recorded with every stage.
PACKAGES = ("keras", "tensorflow", "tensorflow-cpu", "jax", "numpy", "mlflow", "dvc")


@dataclass(frozen=True)
class State:
    """The pipeline's state: what a parent run stands for.

    Attributes:
        experiment: name of the DVC experiment, empty outside one.
        commit: full hash of the git commit, empty without git.
        params: the content of params.yaml.
    """

    experiment: str
    commit: str
    params: bytes

    @classmethod
    def current(cls) -> "State":
        """Read the state that this process works in."""
        # The current folder, not DVC_ROOT: under `dvc exp run --temp` only the former has the experiment's params.
        with suppress(FileNotFoundError):
            return cls(os.environ.get("DVC_EXP_NAME", ""), _commit(), Path("params.yaml").read_bytes())
        return cls(os.environ.get("DVC_EXP_NAME", ""), _commit(), b"")

    @property
    def digest(self) -> str:
        """Seven hexadecimal digits of params.yaml."""
        return hashlib.sha256(self.params).hexdigest()[:7]

    @property
    def name(self) -> str:
        """The parent run's name."""
        return self.experiment or "-".join(filter(None, [self.commit[:7], self.digest]))

    @property
    def tag(self) -> str:
        """Tag by which the parent run is found."""
        # `dvc exp run --force --name x` can give an old name to other params, which is another state. Both are hashed
        # because a name may contain quotes, which MLflow's filters do not allow.
        return hashlib.sha256(f"{self.name} {self.digest}".encode()).hexdigest()

    @property
    def alias(self) -> str:
        """The name in a form that MLflow allows as alias of a model version."""
        alias = re.sub(r"[^\w-]", "-", self.name)
        return f"experiment-{alias}" if re.fullmatch(r"latest|v\d+", alias, re.IGNORECASE) else alias

    @property
    def started_by(self) -> str:
        """Who started the pipeline: DVC, or whoever called one stage's script."""
        if self.experiment:
            return f"dvc exp run: {self.experiment}"
        return "dvc repro" if os.environ.get("DVC_STAGE") else sys.argv[0]


def _commit() -> str:
    with suppress(OSError):
        return subprocess.run(["git", "rev-parse", "--verify", "HEAD"], capture_output=True, text=True).stdout.strip()
    return ""


def tags(commit: str, source: str) -> dict[str, str]:
    """Tags that say what ran; those with ``mlflow.`` fill columns of the UI."""
    return {
        "mlflow.source.name": source,
        "mlflow.source.type": "LOCAL",
        "mlflow.source.git.commit": commit,
        "dvc.stage": os.environ.get("DVC_STAGE", ""),
        "platform": platform.platform(),
        "keras.backend": os.environ.get("KERAS_BACKEND", ""),
        "version.python": platform.python_version(),
        **{f"version.{package}": version for package, version in versions(PACKAGES).items()},
    }


def versions(packages: tuple[str, ...]) -> dict[str, str]:
    """Return the versions of those packages that are installed."""
    installed = {}
    for package in packages:
        with suppress(importlib.metadata.PackageNotFoundError):
            installed[package] = importlib.metadata.version(package)
    return installed
