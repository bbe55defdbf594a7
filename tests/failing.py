"""Stages that must fail as promised: with one sentence, and every file as it was."""

from pathlib import Path

from click.testing import Result
from fixture_types import Run

STAGES = sorted(path.stem for path in (Path(__file__).parents[1] / "stages").glob("*.py"))

OF_ALL = ("modules", "report", "shared")
"""Stages that have no modality."""


def arguments(stage: str, modality: str = "digits") -> tuple[str, ...]:
    """Options of a stage; one for each generator takes it from its name, train_generator@veiled, or the first."""
    name, _, generator = stage.partition("@")
    first = {"train_generator": "unet", "distort": "unet", "shared": "unet"} | dict.fromkeys(
        ("derive_generator", "rekey", "package"), "keyed"
    )
    more = ("--generator", generator or first[name]) if name in first else ()
    if stage in OF_ALL:
        return more
    return ("--modality", modality, *more)


def call(run: Run, stage: str, modality: str = "digits") -> Result:
    return run(stage.partition("@")[0], *arguments(stage, modality))


def snapshot(root: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file()}


def failure(run: Run, root: Path, stage: str, modality: str = "digits") -> str:
    """Run a stage that must fail as promised; return its sentence."""
    before = snapshot(root)
    result = call(run, stage, modality)
    # The rest is the training's progress.
    errors = [line for line in result.output.splitlines() if line.startswith("Error: ")]
    assert (result.exit_code, len(errors)) == (1, 1), (result.output, result.exception)
    assert result.output.splitlines()[-1] == errors[0]
    assert "Traceback" not in result.output
    assert snapshot(root) == before
    return errors[0]
