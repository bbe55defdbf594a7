"""No generator is trained against a judge: what a training optimises, it no longer measures."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
TRAININGS = ("train_generator", "train_veiled", "alpha_sweep", "failure_modes")


def imported(*stages: str) -> set[str]:
    """The modules that importing these stages' scripts loads, in a process of its own."""
    code = """
import json, runpy, sys
for script in sys.argv[1:]:
    runpy.run_path(script, run_name="stage")
print(json.dumps(sorted(sys.modules)))
"""
    scripts = [str(ROOT / "stages" / f"{stage}.py") for stage in stages]
    done = subprocess.run([sys.executable, "-c", code, *scripts], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def judging(modules: set[str]) -> list[str]:
    return sorted(name for name in modules if name.startswith(("masquerade.recognisability", "mtcnn")))


def test_trainings_of_generators_import_no_judge() -> None:
    modules = imported(*TRAININGS)

    assert {"masquerade.generator.trainer", "masquerade.generator.veiled_trainer"} <= modules
    assert judging(modules) == []


def test_a_stage_that_judges_would_be_seen() -> None:
    """Or the test above could not fail."""
    assert "masquerade.recognisability.judges" in judging(imported("recognisability"))


def test_the_judge_is_trained_without_generators() -> None:
    assert [name for name in imported("train_judge") if name.startswith("masquerade.generator")] == []


@pytest.mark.parametrize("stage", [*TRAININGS, "train_embedder"])
def test_no_file_of_a_judge_is_an_input_of_a_training(stage: str) -> None:
    dependencies = YAML(typ="safe").load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"][stage]["deps"]

    assert not [path for path in dependencies if "judge" in path or "recognisability" in path]


def test_the_judge_sees_real_training_pictures_alone() -> None:
    stage = YAML(typ="safe").load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]["train_judge"]

    assert [path for path in stage["deps"] if path.startswith(("data", "models"))] == [
        "data/${item.modality}/train.npz"
    ]
