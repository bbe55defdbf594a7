"""The axes of DVC's matrices as options of a stage's command."""

import click

from masquerade.generators import NAMES

AXES = {
    "modality": click.option("--modality", required=True, help="One of the modalities in params.yaml."),
    "generator": click.option("--generator", type=click.Choice(NAMES), required=True, help="The kind of generator."),
}
