"""Keep a run's report in another folder, for git: the page, its tables and the figures that say most, a megabyte.

TARGET is a folder in a `reports`, where `dvc repro` writes nothing.

Example: python -m masquerade.report.keep reports/paper-scale
"""

import json
import re
import shutil
from pathlib import Path

import click
import pandas as pd

from masquerade.atomic import replacing
from masquerade.errors import InputError
from masquerade.figures.shrink import shrink
from masquerade.params.load import named_modalities
from masquerade.plain_yaml import read_yaml
from masquerade.program import output
from masquerade.report.render import as_markdown

REPORTS = Path("reports")
FIGURES = ("gallery.png", "roc.png")
"""Of each modality; all figures of a run are more than ten megabytes."""

TABLE = 10_000
"""Bytes of a table; larger ones have a row an image, a person or a threshold."""


@click.command(help=__doc__)
@click.argument("target", type=click.Path(path_type=Path, file_okay=False))
def main(target: Path) -> None:
    """Copy params.yaml, the report, its tables and :data:`FIGURES`; head the page with how it was made.

    Raises:
        InputError: there is no report yet, or git or DVC cannot tell what it was made from.
    """
    page = REPORTS / "report.md"
    if not page.is_file():
        raise InputError(f"{page}: missing; dvc repro makes it")
    title, _, rest = page.read_text(encoding="utf-8").partition("\n")
    commit = output("git", "rev-parse", "HEAD")
    changed = json.loads(output("dvc", "params", "diff", "--json", "HEAD"))
    rows = [
        (file, name, *("-" if value[side] is None else str(value[side]) for side in ("old", "new")))
        for file, values in changed.items()
        for name, value in sorted(values.items())
    ]
    table = as_markdown(pd.DataFrame(rows, columns=["Path", "Param", "HEAD", "workspace"]), index=False)
    for modality in named_modalities(read_yaml(Path("params.yaml"))):
        _keep(REPORTS / modality, target / modality)
    shutil.copyfile("params.yaml", target / "params.yaml")
    shutil.copytree(REPORTS / "cards", target / "cards", dirs_exist_ok=True)
    with replacing(target / "report.md") as temporary:
        made = f"Made from commit `{commit}`. Parameters that differ from its own:\n\n{table if rows else 'none'}"
        kept = without_missing(rest, target).replace("](../", "](../../")
        temporary.write_text(
            f"{title}\n\n{made}\n\nOf the figures, {' and '.join(FIGURES)} are kept.\n{kept}", encoding="utf-8"
        )


def _keep(source: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for file in sorted(source.rglob("*")):
        copy = target / file.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        if file.name in FIGURES:
            shrink(file, copy)
        elif file.suffix == ".json" or (file.suffix == ".csv" and file.stat().st_size <= TABLE):
            shutil.copyfile(file, copy)


def without_missing(page: str, folder: Path) -> str:
    """Take the images off a Markdown page that are not in its folder, with the lines that this leaves empty."""

    def shown(line: re.Match[str]) -> str:
        images = [found[0] for found in _IMAGE.finditer(line[0]) if (folder / found[1]).is_file()]
        return " ".join(images) + "\n\n" * bool(images)

    return _LINE_OF_IMAGES.sub(shown, page)


_IMAGE = re.compile(r"!\[[^\]\n]*\]\(([^)\s]+)\)")
_LINE_OF_IMAGES = re.compile(rf"^(?:{_IMAGE.pattern} *)+\n(?:\n|\Z)", re.MULTILINE)


if __name__ == "__main__":
    main()
