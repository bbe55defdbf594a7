"""List the files that the stages wrote for one modality, with a digest of each: the report depends on these lists.

DVC can loop over stages, but not over the dependencies of a stage.

Example: python stages/contents.py --modality digits
"""

import click

from masquerade.axes import AXES
from masquerade.json_file import write_json
from masquerade.outside import digest
from masquerade.params import load_params
from masquerade.paths import Paths


@click.command(help=__doc__)
@AXES["modality"]
def main(modality: str) -> None:
    load_params().modality(modality)  # refuses unknown names
    paths = Paths(modality)
    files = sorted(path for path in paths.reports.rglob("*") if path.is_file() and path.name != ".gitignore")
    write_json(paths.contents, {str(path): digest(path) for path in files})


if __name__ == "__main__":
    main()
