"""Keep a run's report in its own folder, for git: `dvc repro` overwrites reports/.

Example: python -m masquerade.report.keep paper-scale
"""

import json
import shutil
import subprocess
from pathlib import Path

import click
import pandas as pd

from masquerade.atomic import replacing
from masquerade.errors import InputError
from masquerade.params.load import named_modalities
from masquerade.plain_yaml import read_yaml
from masquerade.report.render import as_markdown

REPORTS = Path("reports")


@click.command(help=__doc__)
@click.argument("name")
def main(name: str) -> None:
    """Copy params.yaml, the report, its tables and figures to reports/``name``; the copy begins with how it was made.

    Raises:
        InputError: there is no report yet, or git or DVC cannot tell what it was made from.
    """
    page, target = REPORTS / "report.md", REPORTS / name
    if not page.is_file():
        raise InputError(f"{page}: missing; dvc repro makes it")
    title, _, rest = page.read_text(encoding="utf-8").partition("\n")
    commit = _output("git", "rev-parse", "HEAD")
    changed = json.loads(_output("dvc", "params", "diff", "--json", "HEAD"))
    rows = [
        (file, name, *("-" if value[side] is None else str(value[side]) for side in ("old", "new")))
        for file, values in changed.items()
        for name, value in sorted(values.items())
    ]
    table = as_markdown(pd.DataFrame(rows, columns=["Path", "Param", "HEAD", "workspace"]), index=False)
    for folder in named_modalities(read_yaml(Path("params.yaml"))):
        ignored = shutil.ignore_patterns(".gitignore")
        shutil.copytree(REPORTS / folder, target / folder, dirs_exist_ok=True, ignore=ignored)
    shutil.copyfile("params.yaml", target / "params.yaml")
    shutil.copytree(REPORTS / "cards", target / "cards", dirs_exist_ok=True)
    with replacing(target / "report.md") as temporary:
        made = f"Made from commit `{commit}`. Parameters that differ from that commit's:\n\n{table if rows else 'none'}"
        temporary.write_text(f"{title}\n\n{made}\n{rest.replace('](../', '](../../')}", encoding="utf-8")


def _output(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise InputError(f"{' '.join(command)}: {done.stderr.strip() or f'exits with {done.returncode}'}")
    return done.stdout.strip()


if __name__ == "__main__":
    main()
