"""What all stages share: command line, parameters, paths, MLflow run and timing."""

import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

import click
import psutil

from masquerade import tracking
from masquerade.axes import AXES
from masquerade.json_file import write_json
from masquerade.params import load_params
from masquerade.paths import EVERY, Paths


def stage(
    name: str, axes: Sequence[str] = ("modality",), trains: bool = False, tracked: bool = True
) -> Callable[[Callable[..., None]], click.Command]:
    """Turn a function into the command of a stage, tracked as a nested MLflow run; its module's docstring is the help.

    The function is called with ``params`` and the value of each axis, with a modality also with its ``paths``, and with
    its ``run`` if it is tracked. When it succeeds, its wall time is written, imports included. The time is not an
    output of the DVC stage: it differs in every run, and the report would never be up to date.

    Args:
        axes: axes of the stage's matrix in dvc.yaml, each an option of the command.
        trains: also log curves of the machine's processor and memory.
        tracked: False for a stage without results, which shall be fast: MLflow takes a second to import.
    """

    def command(function: Callable[..., None]) -> click.Command:
        def main(**chosen: str) -> None:
            params, given, modality = load_params(), dict[str, Any](chosen), chosen.get("modality")
            if modality is not None:
                params.modality(modality)  # refuses unknown names
                given["paths"] = Paths(modality)
            full_name = "@".join(filter(None, (name, chosen.get("generator"))))
            tracking_run = (
                tracking.stage_run(full_name, modality, params.model_dump(), system_metrics=trains)
                if tracked
                else nullcontext()
            )
            with tracking_run as run:
                function(params=params, **given, **({"run": run} if tracked else {}))
                seconds = round(time.time() - psutil.Process().create_time(), 1)
                write_json(Paths(modality or EVERY).timing(full_name), {"seconds": seconds})

        main.__doc__ = function.__globals__["__doc__"]
        for axis in reversed(axes):
            main = AXES[axis](main)
        return click.command()(main)

    return command
