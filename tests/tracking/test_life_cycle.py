"""A run must be found where a person looks for it, whatever started, killed or repeated the stage."""

import re
import shutil
from pathlib import Path

import pytest
from mlflow_runs import PARAMS, PARAMS_DIGEST, artifacts, parents, runs, script, stages
from repository import ROOT

from masquerade.tracking import stage_run

pytestmark = pytest.mark.slow

IN_FORKS = """
import os
from masquerade.tracking import store
store._load()  # or each fork would take the seconds that importing MLflow takes
"""


def test_import_is_free() -> None:
    """``import masquerade.tracking`` must not cost the seconds that MLflow costs."""
    code = "import sys; print([m for m in ('mlflow', 'pandas', 'numpy', 'keras', 'filelock') if m in sys.modules])"
    with script(ROOT, code) as process:
        assert process.communicate()[0].strip() == "[]"


def test_nothing_else_imports_mlflow() -> None:
    """Tracking can be changed, or left out, in one place; the model that MLflow serves is made of its classes."""
    modules = [*(ROOT / "masquerade").rglob("*.py"), *(ROOT / "stages").rglob("*.py")]
    importing = {
        module.parent
        for module in modules
        if re.search(r"^\s*(import|from) mlflow\b", module.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert importing == {ROOT / "masquerade" / "tracking", ROOT / "masquerade" / "served"}


def test_a_stage_is_nested_in_the_state_of_its_pipeline(project: Path) -> None:
    """Names, params, metrics and statuses as the UI shows them."""
    params = {"seed": 7, "digits": {"width": 16, "crop": [1, 2]}}
    with stage_run("roc", modality="digits", params=params) as run:
        assert [found.info.status for found in runs(project)] == ["RUNNING", "RUNNING"]
        run.log_metrics({"real_template.eer": 0.25})
    (parent,), (stage,) = parents(project), stages(project)
    assert parent.info.run_name == PARAMS_DIGEST
    assert parent.data.params == {"seed": "7", "generator.alpha": "0.2"}
    assert parent.data.metrics == {"digits.real_template.eer": 0.25}
    assert artifacts(parent) == {"params.yaml"}
    assert stage.info.run_name == "roc@digits"
    assert stage.data.tags["mlflow.parentRunId"] == parent.info.run_id
    assert stage.data.params == {"seed": "7", "digits.width": "16", "digits.crop": "[1, 2]"}
    assert stage.data.metrics["real_template.eer"] == 0.25
    assert 0 < stage.data.metrics["wall_seconds"] < 60
    assert (parent.info.status, stage.info.status) == ("FINISHED", "FINISHED")


def test_stages_of_one_state_share_a_parent(project: Path) -> None:
    """Parents are what a person compares: one a state, none a stage."""
    for modality in ("digits", "faces"):
        with stage_run("roc", modality=modality) as run:
            run.log_metrics({"eer": 0.5})
    with stage_run("report"):
        pass
    assert parents(project)[0].data.metrics == {"digits.eer": 0.5, "faces.eer": 0.5}
    assert [run.info.run_name for run in stages(project)] == ["roc@digits", "roc@faces", "report"]
    (project / "params.yaml").write_text(PARAMS.replace("0.2", "0.4"))
    with stage_run("report"):
        pass
    assert [run.data.params["generator.alpha"] for run in parents(project)] == ["0.2", "0.4"]


def test_experiment_names_its_parent(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``dvc exp run`` gives a name; the same name forced onto other params is another state."""
    monkeypatch.setenv("DVC_EXP_NAME", "stout-pouf")
    with stage_run("roc"):
        pass
    (project / "params.yaml").write_text(PARAMS.replace("0.2", "0.4"))
    with stage_run("roc"):
        pass
    assert [run.info.run_name for run in parents(project)] == ["stout-pouf", "stout-pouf"]
    assert [run.data.params["generator.alpha"] for run in parents(project)] == ["0.2", "0.4"]


@pytest.mark.parametrize("name", ["it's", 'say "no"', "100%", "a`b", "a\\b", "a'' or 'b", "ä–ö", "_%"])
def test_experiment_may_have_any_name(project: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """DVC accepts quotes, which end a string in MLflow's filters; a stage of a matrix may have them, too."""
    monkeypatch.setenv("DVC_EXP_NAME", name)
    for stage in (f"roc@{name}", "roc@other", f"roc@{name}"):
        monkeypatch.setenv("DVC_STAGE", stage)
        with stage_run("roc"):
            pass
    assert [run.info.run_name for run in parents(project)] == [name]
    assert [run.info.run_name for run in stages(project)] == ["roc@other", f"roc@{name}"]  # the first is replaced


def test_every_combination_of_a_matrix_has_its_run(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """α is an axis that only DVC's name of the stage knows; without it one α would replace the other."""
    for name in ("alpha_sweep@0.1-digits", "alpha_sweep@0.2-digits"):
        monkeypatch.setenv("DVC_STAGE", name)
        with stage_run("alpha_sweep", modality="digits"):
            pass
    assert [run.info.run_name for run in stages(project)] == ["alpha_sweep@0.1-digits", "alpha_sweep@0.2-digits"]


def test_temporary_experiment_keeps_its_runs(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``dvc exp run --temp``: params from the working folder, store in the project, nothing left to be thrown away."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    (temporary / "params.yaml").write_text(PARAMS.replace("0.2", "0.4"))
    monkeypatch.chdir(temporary)
    monkeypatch.setenv("DVC_ROOT", str(project))
    with stage_run("roc") as run:
        run.log_files("params.yaml")
    assert parents(project)[0].data.params["generator.alpha"] == "0.4"
    assert [path.name for path in Path(temporary).iterdir()] == ["params.yaml"]
    shutil.rmtree(temporary)
    assert artifacts(stages(project)[0]) == {"params.yaml"}


def test_two_processes_create_one_store_and_one_parent(bare: Path) -> None:
    """``dvc repro`` and a queued experiment in a fresh clone; also: nothing of MLflow on the console."""
    code = """
other = os.fork()
with stage_run("roc", modality="faces" if other else "digits"):
    pass
assert not other or os.waitstatus_to_exitcode(os.wait()[1]) == 0
"""
    with script(bare, IN_FORKS + code) as process:
        assert process.communicate()[0] == ""
    assert process.returncode == 0
    assert len(parents(bare)) == 1
    assert {run.info.run_name for run in stages(bare)} == {"roc@digits", "roc@faces"}


def test_killed_stage_goes_on_under_its_params_only(project: Path) -> None:
    """Params are write-once in MLflow: a killed run may only go on if they are the same."""
    code = """
for stage in ("same", "other"):
    if os.fork() == 0:
        with stage_run(stage, params={"seed": 7}):
            os._exit(9)
    assert os.waitstatus_to_exitcode(os.wait()[1]) == 9
"""
    with script(project, IN_FORKS + code) as process:
        assert process.wait() == 0
    killed = {run.info.run_name: run for run in stages(project)}
    assert {name: run.info.status for name, run in killed.items()} == {"same": "RUNNING", "other": "RUNNING"}
    for stage, seed in [("same", 7), ("other", 8)]:
        with stage_run(stage, params={"seed": seed}):
            pass
    ended = {run.info.run_name: run for run in stages(project)}
    assert {name: run.info.run_id == killed[name].info.run_id for name, run in ended.items()} == {
        "same": True,
        "other": False,
    }
    for stage, text in [("same", "7"), ("other", "8")]:
        assert (ended[stage].info.status, ended[stage].data.params) == ("FINISHED", {"seed": text})


def test_repeated_stage_replaces_its_run(project: Path) -> None:
    """A second result must not stand beside the first; the first can be restored."""
    for eer in (0.5, 0.25):
        with stage_run("roc", modality="digits") as run:
            run.log_metrics({"eer": eer})
    (stage,) = stages(project)
    assert stage.data.metrics["eer"] == 0.25
    assert parents(project)[0].data.metrics == {"digits.eer": 0.25}
    assert len(runs(project, view=3)) == 3


@pytest.mark.parametrize(("error", "status"), [(ValueError, "FAILED"), (KeyboardInterrupt, "KILLED")])
def test_failed_stage_says_so_until_it_is_repeated(project: Path, error: type[BaseException], status: str) -> None:
    """A failure must reach both DVC and the UI, and another stage's success must not cover it."""
    with pytest.raises(error), stage_run("train"):
        raise error
    with stage_run("roc"):
        pass
    assert [run.info.status for run in stages(project)] == [status, "FINISHED"]
    assert parents(project)[0].info.status == "FAILED"
    with stage_run("train"):
        pass
    assert [run.info.status for run in runs(project)] == ["FINISHED"] * 3


def test_run_id_of_the_environment_is_ignored(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """MLFLOW_RUN_ID overrides even an explicit parent in MLflow's own start_run."""
    with stage_run("roc") as first:
        pass
    monkeypatch.setenv("MLFLOW_RUN_ID", first.id)
    with stage_run("train") as run:
        pass
    assert run.id != first.id
    assert stages(project)[1].data.tags["mlflow.parentRunId"] == parents(project)[0].info.run_id
