"""What a stage depends on: every module of ours that it imports and that can change what it writes."""

from pathlib import Path
from typing import Any

import pytest
from repository import ROOT
from ruamel.yaml import YAML

from masquerade import attacks
from masquerade.modules import digests, stages
from masquerade.paths import modules
from masquerade.plain_yaml import read_yaml

PIPELINE = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]
PARAMS = read_yaml(ROOT / "params.yaml")

FILES = {
    "stages/paint.py": "from masquerade.colours import colour\nfrom masquerade.tables import write_csv\n",
    "stages/show.py": "from masquerade.generators import kind\n",
    "stages/train.py": "import masquerade.images\nfrom masquerade.generators import kind\n",
    "stages/measure.py": "from masquerade.distances import NAMES\n",
    "stages/typed.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from masquerade.images import Image\n",
    "stages/print.py": "from masquerade import attacks\n",
    "masquerade/__init__.py": "",
    "masquerade/attacks/__init__.py": "",
    "masquerade/attacks/linking.py": "",
    "masquerade/colours.py": "def colour():\n    from masquerade.images import RED\n    return RED\n",
    "masquerade/images.py": "from masquerade.distances import Distance\nRED = 1\n",
    "masquerade/tables.py": "",
    "masquerade/distances/__init__.py": "",
    "masquerade/distances/mse.py": "",
    "masquerade/distances/sobel.py": "",
    "masquerade/generators/__init__.py": "",
    "masquerade/generators/unet/__init__.py": "",
    "masquerade/generators/unet/training.py": "from masquerade.distances import distance\n",
    "masquerade/generators/veiled/__init__.py": "",
    "masquerade/generators/veiled/training.py": "",
    "masquerade/generators/unlisted/__init__.py": "",
}
TOY = {"generators": ["unet", "veiled"], "digits": {"unet": {"loss": {"distance": "sobel"}}}, "train": {"kind": "none"}}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    return tmp_path


def of(project: Path, stage: str, **axes: str) -> set[str]:
    return set(digests(project, stage, {"modality": "digits"} | axes, TOY))


def test_imports_are_followed_into_functions_but_not_into_what_changes_no_number(project: Path) -> None:
    files = ("__init__", "colours", "images", "distances/__init__")

    assert of(project, "paint") == {"stages/paint.py", *(f"masquerade/{file}.py" for file in files)}


def test_imports_for_type_checkers_are_none(project: Path) -> None:
    assert of(project, "typed") == {"stages/typed.py"}


def test_a_kind_of_generator_is_its_folder_and_the_distance_its_section_names(project: Path) -> None:
    unet = {f"masquerade/generators/unet/{name}.py" for name in ("__init__", "training")}
    shared = {"stages/train.py", "masquerade/images.py"} | {
        f"masquerade/{package}__init__.py" for package in ("", "distances/", "generators/")
    }

    assert of(project, "train", generator="unet") == shared | unet | {"masquerade/distances/sobel.py"}
    assert of(project, "train", generator="veiled") == shared | {
        f"masquerade/generators/veiled/{name}.py" for name in ("__init__", "training")
    }


def test_what_shows_every_kind_depends_on_how_the_listed_ones_look(project: Path) -> None:
    folders = ("", "generators/", "generators/unet/", "generators/veiled/")

    assert of(project, "show") == {"stages/show.py", *(f"masquerade/{folder}__init__.py" for folder in folders)}


def test_what_measures_every_distance_depends_on_all(project: Path) -> None:
    names = ("__init__", "distances/__init__", "distances/mse", "distances/sobel")

    assert of(project, "measure") == {"stages/measure.py", *(f"masquerade/{name}.py" for name in names)}


def test_what_prints_the_texts_of_a_registry_depends_on_all_its_modules(project: Path) -> None:
    names = ("__init__", "attacks/__init__", "attacks/linking")

    assert of(project, "print") == {"stages/print.py", *(f"masquerade/{name}.py" for name in names)}


@pytest.mark.parametrize(
    ("source", "same"),
    [
        ("RED = 1  # not blue\n", True),
        ('"""Colours."""\n\nRED = (\n    1\n)\n"""0 or 1."""\n', True),
        ("RED = 2\n", False),
        ('RED = "1"\n', False),
        ("RED = 1\nif RED:\n    pass\nRED = 0\n", False),
    ],
)
def test_only_what_python_runs_counts(tmp_path: Path, source: str, same: bool) -> None:
    (tmp_path / "stages").mkdir()
    found = []
    for each in ("RED = 1\n", source):
        (tmp_path / "stages/paint.py").write_text(each, encoding="utf-8")
        found.append(digests(tmp_path, "paint", {}, TOY))

    assert (found[0] == found[1]) is same


def test_stages_have_the_names_that_dvc_gives_them() -> None:
    pipeline: Any = {
        "report": {},
        "roc": {"matrix": {"modality": "${modalities}"}},
        "draw": {"matrix": {"modality": "${sweep.modalities}", "generator": "${generators}"}},
    }
    params = {"modalities": ["faces"], "generators": ["unet", "veiled"], "sweep": {"modalities": ["digits"]}}

    assert list(stages(pipeline, params)) == [
        ("report", "report", {}),
        ("roc@faces", "roc", {"modality": "faces"}),
        ("draw@digits-unet", "draw", {"modality": "digits", "generator": "unet"}),
        ("draw@digits-veiled", "draw", {"modality": "digits", "generator": "veiled"}),
    ]


@pytest.mark.parametrize("stage", [stage for stage in PIPELINE if stage != "modules"])
def test_every_stage_depends_on_the_digests_of_its_modules(stage: str) -> None:
    axes = [f"${{item.{axis}}}" for axis in PIPELINE[stage].get("matrix", ())]
    name = f"{stage}@{'-'.join(axes)}" if axes else stage

    assert str(modules(name)) in PIPELINE[stage]["deps"]


@pytest.mark.parametrize(
    ("stage", "axes", "needed", "needless"),
    [
        (
            "train_generator",
            ("digits", "unet"),
            "generators/unet/dual_ascent distances/mse training",
            "distances/sobel",
        ),
        ("train_generator", ("faces", "veiled"), "generators/veiled/network", "generators/unet/__init__"),
        ("train_embedder", ("digits",), "embedders/triplet embedders/triplet_loss", "embedders/dlib"),
        ("train_embedder", ("faces",), "embedders/dlib embedders/centring", "embedders/facenet embedders/triplet"),
        ("distort", ("digits", "unet"), "distances/sobel generators/refine", "generators/unet/network"),
        ("recognisability", ("digits",), "recognisability/views embedders/__init__", "recognisability/adaptive"),
        ("failure_modes", ("digits",), "distances/dssim generators/unet/network", "generators/veiled/network"),
        ("failure_modes", ("digits",), "distances/hamming", "distances/sobel distances/combined"),
        ("alpha_sweep", ("digits",), "distances/mse generators/unet/network", "distances/dssim distances/sobel"),
        ("alpha_curve", ("digits",), "distances/dssim distances/sobel", "generators/unet/network"),
        ("report", (), "report/claims generators/unet/__init__", "training"),
        ("report", (), " ".join(f"attacks/{name}" for name in attacks.NAMES), "generators/unet/network"),
    ],
)
def test_real_stages_depend_on_what_they_import(stage: str, axes: tuple[str, ...], needed: str, needless: str) -> None:
    found = digests(ROOT, stage, dict(zip(("modality", "generator"), axes, strict=False)), PARAMS)

    assert {f"masquerade/{each}.py" for each in needed.split()} <= set(found)
    assert not {f"masquerade/{each}.py" for each in needless.split()} & set(found)


@pytest.mark.parametrize(("name", "stage", "axes"), [*stages(PIPELINE, PARAMS)])
def test_every_stage_depends_on_how_the_package_sets_tensorflow(name: str, stage: str, axes: dict[str, str]) -> None:
    assert "masquerade/__init__.py" in digests(ROOT, stage, axes, PARAMS)
