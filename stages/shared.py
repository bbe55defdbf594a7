"""Write the parameters of the section `generator` that one kind of generator reads.

In dvc.yaml, `train_generator` depends on this file, not on the section, so a new α retrains only the kinds that read α.

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
