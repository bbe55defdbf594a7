"""No generator is trained against a judge: what a training optimises, it no longer measures."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
TRAININGS = ("train_generator", "alpha_sweep", "failure_modes", "derive_generator")


@pytest.fixture(scope="module")
def imported() -> dict[str, set[str]]:
    """What importing the trainings of generators, of the judge and a stage that judges loads, each in its own fork.

    Keras and TensorFlow take seconds to import: here they are a class that has every name.
    """
    code = """
import json, matplotlib.pyplot, os, runpy, scipy.ndimage, sklearn.model_selection, sys

class AnyName(type):
    def __getattr__(cls, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return cls

    def __call__(cls, *_, **__):
        return cls

class Library(metaclass=AnyName):
    pass

for name in ("keras", "tensorflow"):
    sys.modules[name] = Library

from masquerade.generators import NAMES, kind
for stages in sys.argv[1:]:
    if os.fork() == 0:
        for stage in stages.split():
            runpy.run_path(f"stages/{stage}.py", run_name="stage")
        if "train_generator" in stages:
            [kind(name).train if kind(name).source is None else kind(name).derive for name in NAMES]  # as stages do
        print(json.dumps(sorted(sys.modules)), flush=True)
        os._exit(0)
    assert os.wait()[1] == 0
"""
    groups = {"generators": " ".join(TRAININGS), "judge": "train_judge", "judging": "recognisability"}
    done = subprocess.run([sys.executable, "-c", code, *groups.values()], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return {name: set(json.loads(line)) for name, line in zip(groups, done.stdout.splitlines()[-3:], strict=True)}


def judging(modules: set[str]) -> list[str]:
    return sorted(name for name in modules if name.startswith(("masquerade.recognisability", "mtcnn")))


@pytest.mark.slow
def test_trainings_of_generators_and_of_the_judge_do_not_import_each_other(imported: dict[str, set[str]]) -> None:
    assert {"masquerade.generators.unet.training", "masquerade.generators.veiled.training"} <= imported["generators"]
    assert judging(imported["generators"]) == []
    assert "masquerade.recognisability.judges" in judging(imported["judging"])  # or the line above could not fail
    assert "masquerade.recognisability.judge" in imported["judge"]
    known = {name for name in imported["judge"] if name.startswith("masquerade.generators.")}
    assert {name for name in known if not name.endswith((".base", ".params", ".unet", ".veiled", ".keyed"))} == set()


@pytest.mark.parametrize("stage", [*TRAININGS, "train_embedder"])
def test_no_file_of_a_judge_is_an_input_of_a_training(stage: str) -> None:
    dependencies = YAML(typ="safe").load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"][stage]["deps"]

    assert not [path for path in dependencies if "judge" in path or "recognisability" in path]


def test_the_judge_sees_real_training_images_alone() -> None:
    stage = YAML(typ="safe").load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]["train_judge"]

    assert stage["deps"] == ["data/modules/train_judge@${item.modality}.json", "data/${item.modality}/train.npz"]
