"""Load of the machine during training: the tab "System metrics" of a run."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

SECONDS = 5
"""Time between two samples; MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL takes precedence."""


@contextmanager
def sampled(run_id: str, uri: str) -> Iterator[None]:
    """Log processor, memory, disk and network of the whole machine to a run, in a thread, until the block ends.

    A block that is shorter than :data:`SECONDS` logs none and does not wait. The first sample of the processor is
    always 0: psutil returns the load since the call before.
    """
    from mlflow.system_metrics.system_metrics_monitor import SystemMetricsMonitor

    monitor = None
    with suppress(Exception):  # psutil cannot read the counters of every machine, and training does not need them
        monitor = SystemMetricsMonitor(run_id, sampling_interval=SECONDS, resume_logging=True, tracking_uri=uri)
        monitor.start()
    try:
        yield
    finally:
        if monitor is not None:
            monitor.finish()
