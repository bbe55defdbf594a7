"""What a training takes of the machine: the tab "System metrics" of a run."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

SECONDS = 5
"""Between two samples; MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL wins."""


@contextmanager
def sampled(run_id: str, uri: str) -> Iterator[None]:
    """Log processor, memory, disk and network of the whole machine to a run, in a thread, until the block ends.

    A block that is shorter than :data:`SECONDS` logs none and does not wait. The first sample of the processor is 0 by
    construction: MLflow asks psutil for the load since the question before.
    """
    from mlflow.system_metrics.system_metrics_monitor import SystemMetricsMonitor

    monitor = None
    with suppress(Exception):  # psutil cannot read the counters of every machine, and no training needs them
        monitor = SystemMetricsMonitor(run_id, sampling_interval=SECONDS, resume_logging=True, tracking_uri=uri)
        monitor.start()
    try:
        yield
    finally:
        if monitor is not None:
            monitor.finish()
