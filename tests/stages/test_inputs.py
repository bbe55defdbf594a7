"""A stage whose input is missing or damaged names the file, and leaves every other as it was."""

from pathlib import Path

import pytest
from failing import STAGES, failure
from fixture_types import Run

READS = {
    "download": [],
    "split": ["data/digits/images.npz"],
    "train_embedder": ["data/digits/train.npz", "data/digits/test.npz"],
    "train_generator": ["data/digits/train.npz", "models/digits/embedder.keras"],
    "derive_generator": [
        "data/digits/train.npz",
        "models/digits/embedder.keras",
        "models/digits/generators/veiled.keras",
    ],
    "train_judge": ["data/digits/train.npz"],
    "distort": ["data/digits/test.npz", "models/digits/generators/unet.keras", "models/digits/embedder.keras"],
    **{
        stage: ["data/digits/test.npz", "data/digits/templates/unet.npz", "data/digits/templates/veiled.npz"]
        for stage in ("distances", "pca", "roc", "folds", "confusion", "gallery", "failure_signs", "protections")
    },
    "recognisability": [
        "data/digits/test.npz",
        "models/digits/embedder.keras",
        "data/digits/templates/veiled.npz",
        "models/digits/judge.keras",
    ],
    "linkability": [
        "data/digits/test.npz",
        "data/digits/templates/keyed.npz",
        "data/digits/rekeyed/keyed.npz",
        "models/digits/judge.keras",
    ],
    "inversion": [
        "data/digits/train.npz",
        "data/digits/test.npz",
        "models/digits/embedder.keras",
        "data/digits/templates/unet.npz",
        "models/digits/judge.keras",
    ],
    "distillation": ["data/digits/test.npz", "data/digits/templates/keyed.npz"],
    **{
        stage: ["data/digits/test.npz", "data/digits/templates/keyed.npz", "data/digits/spaces/keyed.npz"]
        for stage in ("key_recovery", "multiplicity")
    },
    "oracles": ["data/digits/test.npz", "data/digits/templates/unet.npz", "data/digits/templates/keyed.npz"],
    "rekey": [
        "data/digits/test.npz",
        "models/digits/embedder.keras",
        "models/digits/generators/keyed.keras",
        "data/digits/templates/keyed.npz",
    ],
    "renewability": [
        "data/digits/test.npz",
        "data/digits/templates/keyed.npz",
        "data/digits/rekeyed/keyed.npz",
        "data/digits/spaces/keyed.npz",
    ],
    "package": [
        "data/digits/test.npz",
        "models/digits/embedder.keras",
        "models/digits/generators/keyed.keras",
        "reports/digits/thresholds.csv",
    ],
    "flows": [
        "data/digits/test.npz",
        "models/digits/embedder.keras",
        "data/digits/templates/keyed.npz",
        "models/digits/generators/unet.keras",
    ],
    "adaptive_judge": [
        "data/digits/train.npz",
        "data/digits/test.npz",
        "data/digits/templates/unet.npz",
        "models/digits/embedder.keras",
        "models/digits/generators/unet.keras",
        "models/digits/generators/veiled.keras",
    ],
    "contents": [],
    "modules": [],
    "outside": [],
    "shared": [],
    "failure_modes": ["data/digits/train.npz", "data/digits/test.npz", "models/digits/embedder.keras"],
    "alpha_sweep": ["data/digits/train.npz", "data/digits/test.npz", "models/digits/embedder.keras"],
    "alpha_curve": [
        "data/digits/train.npz",
        "data/digits/test.npz",
        "data/digits/alpha_sweep/4.0.npz",
        "data/digits/alpha_sweep/validation/4.0.npz",
    ],
    "report": [
        "reports/digits/verification.json",
        "reports/digits/distortion/veiled.json",
        "reports/digits/training/unet.json",
        "reports/digits/recognisability.json",
        "reports/faces/methods.csv",
        "reports/faces/adaptive.csv",
        "reports/faces/table4.csv",
        "reports/faces/folds.csv",
        "reports/faces/class_counts.csv",
        "reports/digits/alpha_sweep.csv",
        "reports/faces/attacks/inversion.json",
        "reports/faces/attacks/distillation.csv",
        "reports/faces/flows.csv",
        "reports/faces/roc.png",
        "targets.yaml",
    ],
}


def test_every_stage_is_broken_here() -> None:
    assert set(READS) == set(STAGES)


@pytest.mark.parametrize(("stage", "file"), [(stage, file) for stage, files in READS.items() for file in files])
def test_missing_input_is_named(run: Run, project: Path, stage: str, file: str) -> None:
    (project / file).unlink()

    assert file in failure(run, project, stage)


@pytest.mark.parametrize(
    ("stage", "file"),
    [(stage, files[-1]) for stage, files in READS.items() if files and stage != "report"]
    + [("report", "reports/digits/verification.json"), ("report", "reports/digits/alpha_sweep.csv")],
)
def test_truncated_input_is_named(run: Run, project: Path, stage: str, file: str) -> None:
    """Half a file, as a full disk or a killed copy leaves it; of a table nothing but a byte that is no text."""
    content = (project / file).read_bytes()
    (project / file).unlink()
    (project / file).write_bytes(b"\xff" if file.endswith(".csv") else content[: len(content) // 2])

    assert file in failure(run, project, stage)
