"""Read a data set and write its images, cropped and resized, as one array file.

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
    image_set = data.read(section.dataset, section.source, section.image_size, section.crop, section.max_megapixels)
    image_set.save(paths.images)
    click.echo(f"{section.dataset}: {len(image_set)} images of {len(image_set.names)} classes")
    run.log_images(image_set.images, image_set.labels, name=section.dataset, split="all")
    run.log_metrics({"images": len(image_set), "classes": len(image_set.names)})


if __name__ == "__main__":
    main()
