"""Hash the files outside the project that params.yaml names: stages that read them rerun when their content changes.

DVC sees only their names, so this stage runs in every `dvc repro`.

Example: python stages/outside.py --modality faces
"""

import click

from masquerade.axes import AXES
from masquerade.json_file import write_json
from masquerade.outside import digests
from masquerade.params import load_params
from masquerade.paths import Paths


@click.command(help=__doc__)
@AXES["modality"]
def main(modality: str) -> None:
    params = load_params()
    for key, found in digests(params.modality(modality), params.generators).items():
        write_json(Paths(modality).outside(key), found)


if __name__ == "__main__":
    main()
