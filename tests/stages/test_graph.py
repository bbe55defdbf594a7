"""What a stage reads and what reads it, as DVC finds it in dvc.yaml.

tests/test_pipeline.py has DVC itself see that a parameter has changed.
"""

from contextlib import chdir
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from repository import ROOT
from ruamel.yaml import YAML

from masquerade.params import Params
from masquerade.paths import Paths

if TYPE_CHECKING:
    from dvc.repo.index import Index

BOOTSTRAPPED = [
    "train_embedder",
    "roc",
    "linkability",
    "inversion",
    "distillation",
    "key_recovery",
    "multiplicity",
    "renewability",
    "oracles",
    "protections",
]

OF_EVERY_GENERATOR = [
    script.stem for script in sorted((ROOT / "stages").glob("*.py")) if "params.generators" in script.read_text("utf-8")
]


@pytest.fixture(scope="module")
def index() -> "Index":
    from dvc.repo import Repo

    if not (ROOT / ".git").exists():
        pytest.skip("DVC needs the repository, not a copy of its files")
    with chdir(ROOT), Repo() as repository:
        return repository.index


@pytest.fixture(scope="module")
def read_by(index: "Index") -> dict[str, set[str]]:
    """The parameters that each stage depends on."""
    from dvc.dependency import ParamsDependency

    with chdir(ROOT):
        return {
            stage.addressing: {
                name for each in stage.deps if isinstance(each, ParamsDependency) for name in each.params
            }
            for stage in index.stages
        }


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("generator.alpha", "shared@unet shared@veiled roc@digits roc@faces"),
        (
            "devices",
            "train_embedder@digits train_generator@digits-unet train_generator@digits-veiled train_judge@digits "
            "failure_modes@digits alpha_sweep@digits "
            "train_embedder@faces train_generator@faces-unet train_generator@faces-veiled train_judge@faces "
            "failure_modes@faces",
        ),
        ("faces.veiled.noise", "train_generator@faces-veiled"),
        (
            "faces.refinement.veiled",
            "distort@faces-veiled folds@faces adaptive_judge@faces rekey@faces-keyed package@faces-keyed",
        ),
        ("faces.keyed.components", "derive_generator@faces-keyed"),
        ("digits.judge.width", "train_judge@digits"),
        ("faces.judge.detector", "recognisability@faces"),
        ("recognisability.detections", "recognisability@digits recognisability@faces"),
        ("faces.unet.loss.pi_emb", "train_generator@faces-unet failure_modes@faces"),
        ("faces.augmentation.copies", "train_generator@faces-unet train_generator@faces-veiled"),
        ("faces.embedder", "train_embedder@faces"),
        ("faces.held_out", "split@faces distances@faces"),
        ("faces.pairs", "folds@faces"),
        ("evaluation.folds.pairs", "folds@digits folds@faces"),
        ("faces.image_size", "download@faces"),
        ("faces.crop", "download@faces"),
        ("faces.max_megapixels", "download@faces"),
        ("evaluation.mock_system.repeats", "confusion@digits confusion@faces"),
        (
            "failure_modes.provocations.contours.alpha",
            "failure_modes@digits failure_signs@digits failure_modes@faces failure_signs@faces",
        ),
        ("alpha_sweep.shown", "alpha_curve@digits"),
        ("alpha_sweep.images", "alpha_sweep@digits alpha_curve@digits"),
        ("evaluation.budget", "alpha_curve@digits"),
        (
            "evaluation.bootstrap",
            " ".join(
                f"{stage}@{modality}"
                for stage in (*BOOTSTRAPPED, "alpha_curve")
                for modality in ("digits", "faces")
                if (stage, modality) != ("alpha_curve", "faces")
            ),
        ),
        (
            "generators",
            " ".join(
                f"{stage}@{modality}"
                for stage in OF_EVERY_GENERATOR
                for modality in ("digits", "faces")
                if stage != "outside"  # always runs
            ),
        ),
        ("attacks.draws", "rekey@digits-keyed rekey@faces-keyed"),
        ("attacks.inversion_steps", "inversion@digits inversion@faces"),
        ("attacks.examples", "inversion@digits distillation@digits inversion@faces distillation@faces"),
        (
            "evaluation.keys.seed",
            "distort@digits-unet distort@digits-veiled distort@digits-keyed folds@digits adaptive_judge@digits "
            "rekey@digits-keyed key_recovery@digits multiplicity@digits renewability@digits protections@digits "
            "distort@faces-unet distort@faces-veiled distort@faces-keyed folds@faces adaptive_judge@faces "
            "rekey@faces-keyed key_recovery@faces multiplicity@faces renewability@faces protections@faces",
        ),
    ],
)
def test_stages_depend_on_the_parameters_they_read(read_by: dict[str, set[str]], key: str, expected: str) -> None:
    """What a changed parameter invalidates at first, before anything has run."""
    found = {stage for stage, names in read_by.items() if any(f"{key}.".startswith(f"{each}.") for each in names)}

    assert found == set(expected.split())


def test_artifacts_are_the_models_that_mlflow_registers(params: Params) -> None:
    """DVC takes no matrix there, so they are listed by hand."""
    artifacts = YAML(typ="safe").load(ROOT / "dvc.yaml")["artifacts"]
    embedders = {f"{modality}-embedder": Paths(modality).embedder for modality in params.modalities}
    generators = {
        f"{modality}-{kind}": Paths(modality).generator(kind)
        for modality in params.modalities
        for kind in params.generators
    }

    assert {name: Path(artifact["path"]) for name, artifact in artifacts.items()} == embedders | generators
    assert {artifact["type"] for artifact in artifacts.values()} == {"model"}


def test_another_unet_runs_everything_that_shows_it(index: "Index") -> None:
    """No data, no embedder, no sweep, no veiled generator, which does not read α."""
    from networkx import ancestors

    with chdir(ROOT):
        (unet,) = (stage for stage in index.stages if stage.addressing == "train_generator@digits-unet")
        reading = {stage.addressing for stage in ancestors(index.graph, unet)}

    evaluation = (
        "distances pca roc folds confusion gallery failure_signs recognisability adaptive_judge linkability "
        "inversion distillation key_recovery multiplicity renewability oracles flows protections contents"
    )
    assert reading == {
        "distort@digits-unet",
        "package@digits-keyed",
        "report",
        *(f"{stage}@digits" for stage in evaluation.split()),
    }
