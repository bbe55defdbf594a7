"""Vectors of images: embed."""

from functools import partial
from pathlib import Path

import click

from masquerade.cli.options import Asked, command


@command("embed", "model", "cropped", "json")
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The .npz file to write.")
def embed(asked: Asked, sources: tuple[Path, ...], out: Path) -> None:
    """Write F of images to a file.

    Each SOURCE is a file, folder or tar archive. numpy.load(FILE) has `paths`, `subjects` (the folders that the
    images lie in) and `vectors`, float32 (n, m). They tell people apart as fingerprints do: only you can read the
    file. What cannot be read is listed and left out, and the exit code is 1.

    \b
    masquerade embed people/ --out vectors.npz
    masquerade embed lfw.tgz more/ --out vectors.npz --cropped
    """
    import numpy as np
    from tqdm import tqdm

    from masquerade.atomic import replacing
    from masquerade.cli.sources import Tally

    if out.suffix != ".npz":
        raise click.UsageError(f"--out {out}: must end with .npz")
    tally, model = Tally(), asked.network
    found, vectors = [], []
    pictures = tqdm(tally.pictures(sources), "embedding", unit=" images", disable=None)
    for batch, images in tally.batches(pictures, partial(model.read, cropped=asked.cropped)):
        found += batch
        vectors.append(model.embed(images))
    if found:
        paths, subjects = [str(picture.path) for picture in found], [picture.subject for picture in found]
        with replacing(out) as temporary:
            temporary.touch(0o600)
            np.savez(temporary, paths=paths, subjects=subjects, vectors=np.concatenate(vectors))
    asked.say({"embedded": len(found), **tally.as_dict()}, f"{len(found)} embedded, {tally.line()}")
    tally.check(len(found))
