"""Run the pipeline with other parameters in a copy of the last commit; the project stays as it is.

SETTINGS are presets (conf/NAME.yaml) and values, each over those before it.

Example: python -m masquerade.preset paper-scale digits.source=/folder/with/idx/files
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import click

from masquerade.errors import InputError
from masquerade.params.preset import with_settings
from masquerade.program import output

COPIES = Path(".dvc") / "tmp" / "presets"


@click.command(help=__doc__)
@click.argument("settings", nargs=-1, required=True)
@click.option("--name", help="The copy's: it is .dvc/tmp/presets/NAME. By default the first preset's.")
@click.option("--stage", "stages", multiple=True, help="Run this one and those before it, not all; may be repeated.")
def main(settings: tuple[str, ...], name: str | None, stages: tuple[str, ...]) -> None:
    """Make the copy, or bring it to the last commit, write its params.yaml and run ``dvc repro`` there.

    Raises:
        InputError: a setting is not valid, or git or DVC cannot make the copy.
    """
    # Not `dvc exp run --temp`, which throws its copy away at the end and when it is stopped: the times that stages
    # took, and what a training of an hour goes on from.
    name = name or settings[0]
    if not re.fullmatch(r"\w[\w.-]*", name):
        raise InputError(f"--name: must be letters, digits, dots and hyphens, got {name!r}")
    params = with_settings(output("git", "show", "HEAD:./params.yaml") + "\n", settings)
    if changed := output("git", "diff", "--name-only", "HEAD", "--", ".", ":!reports"):
        click.echo(f"Not committed, so not in the copy: {', '.join(changed.splitlines())}", err=True)
    folder = (COPIES / name).absolute()
    _copy(folder)
    (folder / "params.yaml").write_text(params, encoding="utf-8")
    environment = {
        "DVC_ROOT": str(Path.cwd()),  # where MLflow's store lies, as under `dvc exp run --temp`
        "PYTHONPATH": os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")])),
    }
    sys.exit(subprocess.run(["dvc", "repro", *stages], cwd=folder, env=os.environ | environment).returncode)


def _copy(folder: Path) -> None:
    if not folder.exists():
        output("git", "clone", "--quiet", "--no-checkout", ".", str(folder))
    output("git", "fetch", "--quiet", "origin", "HEAD", folder=folder)
    output("git", "checkout", "--quiet", "--force", "--detach", "FETCH_HEAD", folder=folder)
    output("dvc", "config", "--local", "cache.dir", str(Path(output("dvc", "cache", "dir")).absolute()), folder=folder)


if __name__ == "__main__":
    main()
