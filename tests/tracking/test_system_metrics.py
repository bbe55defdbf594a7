"""The curves of the machine: there while a stage trains, and never in its way."""

import threading
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from mlflow_runs import curve, script, stages

from masquerade.tracking import stage_run

pytestmark = pytest.mark.slow

INTERVAL = "MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL"


def sampling() -> bool:
    return any(thread.name == "SystemMetricsMonitor" for thread in threading.enumerate())


def steps(project: Path, run_id: str) -> list[int]:
    return [step for step, _ in curve(project, run_id, "system/system_memory_usage_percentage")]


def wait_for_sample(project: Path, run_id: str) -> None:
    before, deadline = len(steps(project, run_id)), time.monotonic() + 60
    while len(steps(project, run_id)) == before:
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("error", [None, ValueError, KeyboardInterrupt])
def test_machine_is_sampled_until_the_block_ends(
    project: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException] | None
) -> None:
    monkeypatch.setenv(INTERVAL, "0.05")
    with suppress(ValueError, KeyboardInterrupt), stage_run("train", system_metrics=True) as run:
        wait_for_sample(project, run.id)
        assert sampling()
        if error:
            raise error
    assert not sampling()
    metrics = stages(project)[0].data.metrics
    assert 0 < metrics["system/system_memory_usage_percentage"] <= 100
    assert 0 <= metrics["system/cpu_utilization_percentage"] <= 100


def test_resumed_training_goes_on_with_the_next_step(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps that begin at 0 again would draw one sample over the other."""
    monkeypatch.setenv(INTERVAL, "0.05")
    for _ in range(2):
        with suppress(KeyboardInterrupt), stage_run("train", system_metrics=True) as run:
            wait_for_sample(project, run.id)
            raise KeyboardInterrupt
    assert len(stages(project)) == 1
    assert steps(project, run.id) == list(range(len(steps(project, run.id))))


def test_short_block_does_not_wait_for_its_first_sample(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(INTERVAL, "3600")
    with stage_run("train", system_metrics=True):
        assert sampling()
    assert not sampling()
    assert [name for name in stages(project)[0].data.metrics if name.startswith("system/")] == []


def test_stage_that_does_not_train_is_not_sampled(project: Path) -> None:
    with stage_run("roc"):
        assert not sampling()


def test_machine_whose_counters_cannot_be_read_trains_all_the_same(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """psutil returns None where there is no network card."""
    monkeypatch.setattr(psutil, "net_io_counters", lambda: None)
    with stage_run("train", system_metrics=True) as run:
        assert not sampling()
        run.log_metrics({"eer": 0.25})
    assert stages(project)[0].data.metrics["eer"] == 0.25


def test_sampling_prints_nothing_even_when_its_run_is_gone(project: Path) -> None:
    """The stage's own error says so in one sentence."""
    code = """
import threading, time
with stage_run('train', system_metrics=True) as run:
    run.client.delete_run(run.id)
    while any(thread.name == 'SystemMetricsMonitor' for thread in threading.enumerate()):
        time.sleep(0.05)
    run.client.restore_run(run.id)
"""
    with script(project, code, **{INTERVAL: "0.05"}) as process:
        assert process.communicate(timeout=120)[0] == ""
    assert process.returncode == 0
    assert stages(project)[0].info.status == "FINISHED"
