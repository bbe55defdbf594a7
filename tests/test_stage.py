"""What the decorator of all stages gives them: options, parameters, paths, a run and a wall time."""

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from repository import ROOT

from masquerade import tracking
from masquerade.params import load_params
from masquerade.paths import Paths
from masquerade.stage import stage

RUN = object()
TIMINGS = Path("reports/timings")


@pytest.fixture
def tracked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """A project with the committed parameters; the list grows by each run that a stage asks for."""
    runs = []

    @contextmanager
    def stage_run(name: str, modality: str | None, params: dict[str, Any], *, system_metrics: bool) -> Iterator[object]:
        runs.append((name, modality, params["seed"], system_metrics))
        yield RUN

    shutil.copy(ROOT / "params.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tracking, "stage_run", stage_run)
    return runs


def call(function: Callable[..., None], axes: Sequence[str], *arguments: str, trains: bool = False) -> Result:
    return CliRunner().invoke(stage("measure", axes, trains)(function), arguments)


def test_stage_of_a_matrix_gets_its_axes_parameters_paths_and_run(tracked: list) -> None:
    given: dict[str, Any] = {}

    def keep(**values: object) -> None:
        given.update(values)

    result = call(keep, ["modality", "generator"], "--modality", "faces", "--generator", "keyed", trains=True)

    assert result.exit_code == 0, result.output
    assert given.pop("params").model_dump() == load_params().model_dump()
    assert given == {"modality": "faces", "generator": "keyed", "paths": Paths("faces"), "run": RUN}
    assert tracked == [("measure@keyed", "faces", load_params().seed, True)]
    assert json.loads((TIMINGS / "faces/measure@keyed.json").read_text())["seconds"] > 0


def test_stage_of_all_modalities_has_no_paths(tracked: list) -> None:
    given: dict[str, Any] = {}

    def keep(**values: object) -> None:
        given.update(values)

    assert call(keep, []).exit_code == 0

    assert set(given) == {"params", "run"}
    assert tracked == [("measure", None, load_params().seed, False)]
    assert [path.name for path in (TIMINGS / "all").iterdir()] == ["measure.json"]


def test_stage_that_fails_has_no_time(tracked: list) -> None:
    def fail(**given: object) -> None:
        raise ArithmeticError

    assert isinstance(call(fail, ["modality"], "--modality", "digits").exception, ArithmeticError)
    assert not TIMINGS.exists()


def test_unknown_modality_opens_no_run(tracked: list) -> None:
    assert call(lambda **given: None, ["modality"], "--modality", "dogs").exit_code == 1
    assert tracked == []


def test_help_is_the_docstring_of_the_stage_s_module() -> None:
    assert " ".join((__doc__ or "").split()) in " ".join(call(lambda **given: None, [], "--help").output.split())
