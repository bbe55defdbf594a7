"""When runs begin and end: one for each stage, nested in one for each state of the pipeline."""

import os
import re
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from masquerade.errors import InputError
from masquerade.leaves import leaves
from masquerade.plain_yaml import read_yaml
from masquerade.tracking.provenance import State, tags
from masquerade.tracking.run import Point, StageRun
from masquerade.tracking.store import locked, opened, storing, taking_turns, tracking_uri
from masquerade.tracking.system_metrics import sampled

if TYPE_CHECKING:
    from mlflow.entities import Run
    from mlflow.tracking import MlflowClient

# Other processes find a run by these tags.
STATE_TAG = "masquerade.state"
STAGE_TAG = "masquerade.stage"

PARAM_LENGTH = 6000
"""MLflow's limit on one value."""


@contextmanager
def stage_run(
    stage: str,
    modality: str | None = None,
    params: Mapping[str, Any] | None = None,
    system_metrics: bool = False,
) -> Iterator[StageRun]:
    """Record a block as one stage of the current pipeline state; yield the :class:`StageRun` to log to.

    ``params`` may be nested; keys are joined with dots. An interrupted run of this stage with the same
    params is continued; any other earlier run of it is replaced (deleted, but restorable in the UI).
    ``system_metrics`` adds curves of the machine's load. An exception in the block marks the run FAILED, an interrupt
    marks it KILLED; both are raised again. Raises :class:`InputError` if the store cannot be used.
    """
    started = time.perf_counter()
    name = _stage_name(stage, modality)
    values = _flat(params or {})
    state = State.current()
    with storing(tracking_uri()), locked():
        client, experiment = opened()
        parent = _parent_run(client, experiment, state)
        run_id, known = _stage_run(client, experiment, parent, name, values, state.commit)
    run = StageRun(client, run_id, parent, modality, state.alias, known)
    try:
        with ExitStack() as stack:
            if system_metrics:
                stack.enter_context(sampled(run_id, client.tracking_uri))
            yield run
    except BaseException as error:
        with suppress(InputError):  # the block's own error says more
            _close(run, experiment, "KILLED" if isinstance(error, KeyboardInterrupt) else "FAILED")
        raise
    run.log_points([("wall_seconds", time.perf_counter() - started, 0)])
    _close(run, experiment, "FINISHED")


def _stage_name(stage: str, modality: str | None) -> str:
    # DVC's name knows every axis of a matrix, such as "alpha_sweep@digits-0.2".
    name = os.environ.get("DVC_STAGE", "")
    if name.partition("@")[0] == stage.partition("@")[0]:
        return name
    return f"{stage}@{modality}" if modality else stage


def _parent_run(client: "MlflowClient", experiment: str, state: State) -> str:
    found = _found_parent(client, experiment, state)
    if found is None:
        with taking_turns(client):
            found = _found_parent(client, experiment, state) or _new_parent(client, experiment, state)
    client.update_run(found, status="RUNNING")
    return found


def _found_parent(client: "MlflowClient", experiment: str, state: State) -> str | None:
    found = client.search_runs([experiment], f"tags.`{STATE_TAG}` = '{state.tag}'", max_results=1)
    return found[0].info.run_id if found else None


def _new_parent(client: "MlflowClient", experiment: str, state: State) -> str:
    described = {STATE_TAG: state.tag, **tags(state.commit, state.started_by)}
    run_id = client.create_run(experiment, run_name=state.name, tags=described).info.run_id
    if state.params:
        content = read_yaml(Path("params.yaml"))
        _log_params(client, run_id, _flat(content if isinstance(content, dict) else {}))
        client.log_artifact(run_id, "params.yaml")
    return run_id


def _stage_run(
    client: "MlflowClient", experiment: str, parent: str, name: str, params: Mapping[str, str], commit: str
) -> tuple[str, frozenset[Point]]:
    """Return the id of the stage's run, and the points that it already has."""
    like = re.sub(r"\W", "_", name)  # a quote in a name would end the string; _ stands for any character
    for run in client.search_runs([experiment], f"{_stages_of(parent)} AND tags.`{STAGE_TAG}` LIKE '{like}'"):
        if run.data.tags[STAGE_TAG] != name:
            continue
        # Params are write-once, so a run with other params cannot be continued.
        if run.info.status != "FINISHED" and run.data.params == params:
            client.update_run(run.info.run_id, status="RUNNING")
            return run.info.run_id, _points(client, run)
        client.delete_run(run.info.run_id)
    described = {"mlflow.parentRunId": parent, STAGE_TAG: name, **tags(commit, sys.argv[0])}
    run_id = client.create_run(experiment, run_name=name, tags=described).info.run_id
    _log_params(client, run_id, params)
    return run_id, frozenset()


def _points(client: "MlflowClient", run: "Run") -> frozenset[Point]:
    names = [name for name in run.data.metrics if not name.startswith("system/")]  # thousands that nobody logs again
    return frozenset(
        (name, point.value, point.step) for name in names for point in client.get_metric_history(run.info.run_id, name)
    )


def _close(run: StageRun, experiment: str, status: str) -> None:
    """End the stage's run, and its parent with the worst status of all stages."""
    with storing(run.client.tracking_uri), locked():
        run.client.set_terminated(run.id, status)
        its = _worst(run, experiment)
        run.client.set_terminated(run.parent_id, its)
        if (later := _worst(run, experiment)) != its:  # a stage in another folder failed between the two
            run.client.set_terminated(run.parent_id, later)


def _worst(run: StageRun, experiment: str) -> str:
    failed = any(
        run.client.search_runs(
            [experiment], f"{_stages_of(run.parent_id)} AND attributes.status = '{worst}'", max_results=1
        )
        for worst in ("FAILED", "KILLED")
    )
    return "FAILED" if failed else "FINISHED"


def _stages_of(parent: str) -> str:
    return f"tags.`mlflow.parentRunId` = '{parent}'"


def _flat(values: Mapping[str, Any]) -> dict[str, str]:
    return {key: str(value)[:PARAM_LENGTH] for key, value in leaves(values)}


def _log_params(client: "MlflowClient", run_id: str, params: Mapping[str, str]) -> None:
    from mlflow.entities import Param

    client.log_batch(run_id, params=[Param(key, value) for key, value in params.items()])
