"""Read a data set and write its pictures, cropped and resized, as one array file.

Example: python stages/download.py --modality digits
"""

import click

from masquerade import data
from masquerade.params import Params
from masquerade.paths import Paths
from masquerade.stage import stage
from masquerade.tracking import StageRun


@stage("download")
def main(modality: str, params: Params, paths: Paths, run: StageRun) -> None:
    section = params.modality(modality)
    pictures = data.read(section.dataset, section.source, section.image_size, section.crop, section.max_megapixels)
    pictures.save(paths.pictures)
    click.echo(f"{section.dataset}: {len(pictures)} pictures of {len(pictures.names)} classes")
    run.log_images(pictures.images, pictures.labels, name=section.dataset, split="all")
    run.log_metrics({"pictures": len(pictures), "classes": len(pictures.names)})


if __name__ == "__main__":
    main()
