"""The one exception a user sees."""

import os
from pathlib import Path

import click


class InputError(click.ClickException):
    """Input that cannot be used, in one sentence that names the file, key or row.

    Raised anywhere in the package; under a click command it prints ``Error: <sentence>`` and exits with 1.
    """

    def format_message(self) -> str:
        """Under ``dvc exp run``, which changes the workspace before a stage begins, also say how to undo that."""
        # With --temp and --queue the stage runs in a copy; DVC_ROOT is still the project.
        if os.environ.get("DVC_EXP_NAME") and Path.cwd() == Path(os.environ.get("DVC_ROOT", "")).resolve():
            return (
                f"{self.message}; dvc exp run has changed params.yaml and removed this stage's outputs: "
                "`git restore . && dvc checkout` brings the last commit back"
            )
        return self.message
