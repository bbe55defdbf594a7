"""Write a PNG again in fewer bytes, every pixel as it was.

Example: python -m masquerade.figures.shrink reports/digits/gallery.png gallery.png
"""

import shutil
from pathlib import Path

import click
from PIL import Image, ImageChops

from masquerade.atomic import replacing


def shrink(source: Path, target: Path) -> None:
    """Copy a PNG without an alpha channel that hides nothing, in grey if it has no colours, and packed more tightly.

    Matplotlib writes neither; more than 256 colours, which all its coloured figures have, fit no palette.
    """
    with Image.open(source) as file, replacing(target) as temporary:
        image: Image.Image = file
        if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
            image = image.convert("RGB")
        if image.mode == "RGB":
            red, green, blue = image.split()
            if all(ImageChops.difference(red, other).getbbox() is None for other in (green, blue)):
                image = red
        image.load()  # the source may be the target
        image.save(temporary, "png", optimize=True)
        if temporary.stat().st_size > source.stat().st_size:
            shutil.copyfile(source, temporary)


@click.command(help=__doc__)
@click.argument("source", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
def main(source: Path, target: Path) -> None:
    """Copy a PNG in fewer bytes."""
    shrink(source, target)


if __name__ == "__main__":
    main()
