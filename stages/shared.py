"""Write which of the parameters that all generators share one kind reads: another α retrains only what depends on it.

DVC has the same list of parameters for every kind.

Example: python stages/shared.py --generator unet
"""

import click

from masquerade.atomic import replacing
from masquerade.axes import AXES
from masquerade.generators import kind
from masquerade.params import load_params
from masquerade.paths import shared_parameters


@click.command(help=__doc__)
@AXES["generator"]
def main(generator: str) -> None:
    params = load_params()
    with replacing(shared_parameters(generator)) as temporary:
        temporary.write_text(
            params.generator.model_dump_json(include=kind(generator).shared, indent=2), encoding="utf-8"
        )


if __name__ == "__main__":
    main()
