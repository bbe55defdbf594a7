"""Write which of the parameters that all generators share one kind reads: another α retrains only what depends on it.

DVC has the same list of parameters for every kind.

Example: python stages/shared.py --generator unet
"""

import click

from masquerade.axes import AXES
from masquerade.generators import kind
from masquerade.json_file import write_json
from masquerade.params import load_params
from masquerade.paths import shared_parameters


@click.command(help=__doc__)
@AXES["generator"]
def main(generator: str) -> None:
    shared = load_params().generator.model_dump(mode="json", include=kind(generator).shared)
    write_json(shared_parameters(generator), shared)


if __name__ == "__main__":
    main()
