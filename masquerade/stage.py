"""What every stage shares: its parameters, its modality, its run in MLflow and the time it took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from masquerade import tracking
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.tables import write_json


@contextmanager
def stage(name: str, params: Params, modality: str | None = None, trains: bool = False) -> Iterator[tracking.StageRun]:
    """Track a stage as a nested MLflow run and write its wall time, imports included, when it succeeds.

    A stage that ``trains`` also has curves of the machine's processor and memory. The time is no output of the DVC
    stage: it is another one in every run, and the report would never be up to date.
    """
    with tracking.stage_run(name, modality=modality, params=params.model_dump(), system_metrics=trains) as run:
        yield run
        seconds = round(time.time() - psutil.Process().create_time(), 1)
        write_json(Paths(modality or "all").timing(name), {"seconds": seconds})
