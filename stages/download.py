"""Read a data set and write its pictures, cropped and resized, as one array file.

Example: python stages/download.py --modality digits
"""

import click

from masquerade import data
from masquerade.params import load_params
from masquerade.paths import Paths
from masquerade.stage import stage


@click.command(help=__doc__)
@click.option("--modality", required=True, help="Section of params.yaml: digits or faces.")
def main(modality: str) -> None:
    params, paths = load_params(), Paths(modality)
    section = params.modality(modality)
    with stage("download", params, modality) as run:
        pictures = data.read(section.dataset, section.source, section.image_size, section.crop, section.max_megapixels)
        pictures.save(paths.pictures)
        click.echo(f"{section.dataset}: {len(pictures)} pictures of {len(pictures.names)} classes")
        run.log_images(pictures.images, pictures.labels, name=section.dataset, split="all")
        run.log_metrics({"pictures": len(pictures), "classes": len(pictures.names)})


if __name__ == "__main__":
    main()
