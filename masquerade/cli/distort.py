"""Templates of images as files: distort."""

import io
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from masquerade.cli.options import Asked, command
from masquerade.errors import InputError

if TYPE_CHECKING:
    import numpy as np

    from masquerade.cli.sources import Picture, Tally


@command("distort", "model", "key", "system", "cropped", "json")
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The folder for the templates.")
@click.option("--generator", help="A kind of generator of this project; by default the model's own.")
def distort(asked: Asked, sources: tuple[Path, ...], out: Path, generator: str | None) -> None:
    """Write templates of images as files.

    Each image in each SOURCE, a file, folder or tar archive, becomes a .png in the same folder below --out. The
    model's own generator has a key: every template is locked with a key of its own, for the system and for the
    folder that the image lies in as the subject. The .png names both, and the number of the record. Kinds without a
    key come from models/: whoever has F can tell whom their templates show.

    Templates that are there already are not made again. What cannot be read is listed, and the exit code is 1.

    \b
    masquerade distort people/ --out templates/
    masquerade distort lfw.tgz ada.jpg --out templates/ --generator veiled --cropped
    """
    from tqdm import tqdm

    from masquerade.atomic import replacing
    from masquerade.cli.sources import Tally

    painter = _with_key(asked) if generator is None else _of_kind(asked, generator)
    tally = Tally()
    made = 0
    with _alone(out, sources):
        todo = Todo(out, painter, tally)
        pictures = tqdm(todo.missing(tally.pictures(sources)), "distorting", unit=" images", disable=None)
        for batch, images in tally.batches(pictures, partial(asked.network.read, cropped=asked.cropped)):
            files, texts = painter.paint(images, [picture.subject for picture in batch])
            for picture, file, text in zip(batch, files, texts, strict=True):
                with replacing(todo.target(picture)) as temporary:
                    temporary.write_bytes(_with_text(file, {**painter.maker, **text}))
                made += 1
    asked.say(
        {"made": made, "resumed": todo.resumed, **tally.as_dict()},
        f"{made} made, {todo.resumed} were there, {tally.line()}",
    )
    tally.check(made + todo.resumed)


@dataclass(frozen=True)
class Painter:
    """A generator, and what tells its templates from others.

    Attributes:
        maker: text for each .png: model, and key and system where there are.
        paint: makes templates of uint8 images (n, h, w, c) and the names of their subjects: n .png files, and more text
            for each.
    """

    maker: Mapping[str, str]
    paint: Callable[["np.ndarray", Sequence[str]], tuple[list[bytes], list[dict[str, str]]]]


@dataclass
class Todo:
    """What of a folder of templates is missing.

    Attributes:
        resumed: templates that were there.
    """

    out: Path
    painter: Painter
    tally: "Tally"
    resumed: int = 0

    def target(self, picture: "Picture") -> Path:
        """Return where a picture's template belongs."""
        return self.out / picture.path.with_suffix(".png")

    def missing(self, pictures: "Iterator[Picture]") -> "Iterator[Picture]":
        """Yield the pictures without a template."""
        from masquerade.gallery.store import checked_name

        seen = set()
        for picture in pictures:
            target = self.target(picture)
            try:
                checked_name(picture.subject)
                if target in seen:
                    raise InputError(f"{picture.name}: becomes {target}, and so does another image")
                seen.add(target)
                if target.exists():
                    self._check(target)
                    self.resumed += 1
                    continue
            except InputError as error:
                self.tally.fail(error.message)
                continue
            yield picture

    def _check(self, target: Path) -> None:
        text = _text(target)
        if not self.painter.maker.items() <= text.items():
            raise InputError(f"{target}: is there, and was not made with this model, key and system")


def _with_key(asked: Asked) -> Painter:
    from masquerade.gallery.store import checked_name, new_number
    from masquerade.keys import Keyring, Record
    from masquerade.lock import Lock

    secret, model = asked.secret, asked.network

    def paint(images: "np.ndarray", subjects: Sequence[str]) -> tuple[list[bytes], list[dict[str, str]]]:
        records = [Record(asked.system, checked_name(subject), new_number()) for subject in subjects]
        files, _ = model.paint(model.embed(images), Lock(model.components, Keyring(secret, records)))
        return files, [{"subject": record.subject, "number": str(record.number)} for record in records]

    return Painter({"model": model.digest, "key": secret.epoch, "system": asked.system}, paint)


def _of_kind(asked: Asked, name: str) -> Painter:
    from masquerade.generators import NAMES, kind

    if name not in NAMES:
        raise click.UsageError(f"--generator {name}: must be one of {', '.join(NAMES)}")
    if kind(name).source is not None:
        return _with_key(asked)
    from masquerade.generators.distort import paint
    from masquerade.params import load_params
    from masquerade.paths import Paths
    from masquerade.recognition.model import ModelFiles, png
    from masquerade.saving import load_model

    refinement = load_params().modality(asked.model).refinement[name]
    paths, model = Paths(asked.model), asked.network
    files = ModelFiles(paths.embedder, paths.generator(name), paths.usage(name))
    network = load_model(files.generator)

    def paint_plain(images: "np.ndarray", subjects: Sequence[str]) -> tuple[list[bytes], list[dict[str, str]]]:
        templates = paint(network, model.embedder, images, model.embed(images), refinement)
        return [png(template) for template in templates], [{} for _ in subjects]

    return Painter({"model": files.digest}, paint_plain)


@contextmanager
def _alone(out: Path, sources: Sequence[Path]) -> Iterator[None]:
    """Keep other processes out of a folder, and remove what one that was killed has left half written."""
    from filelock import FileLock, Timeout

    for source in sources:
        if out.resolve().is_relative_to(source.resolve()):
            raise InputError(f"{out}: lies in {source}, and its templates would be distorted next time")
    lock = FileLock(out / ".lock")
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
        for left in out.rglob(".writing-*"):
            shutil.rmtree(left)
    except Timeout as error:
        raise InputError(f"{out}: another process is writing there") from error
    except OSError as error:
        raise InputError(f"{out}: cannot be written: {error.strerror or error}") from error
    with lock:
        yield


def _with_text(file: bytes, text: Mapping[str, str]) -> bytes:
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    info, buffer = PngInfo(), io.BytesIO()
    for name, value in text.items():
        info.add_text(name, value)
    Image.open(io.BytesIO(file)).save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()


def _text(file: Path) -> Mapping[str, str]:
    from PIL import Image

    try:
        with Image.open(file) as image:
            return {str(name): str(value) for name, value in image.info.items()}
    except (OSError, ValueError, SyntaxError):  # no .png file
        return {}
