"""The options that commands share, and what these open."""

import getpass
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from masquerade.errors import InputError

if TYPE_CHECKING:
    import numpy as np

    from masquerade.gallery.store import Gallery
    from masquerade.keys import MasterKey
    from masquerade.recognition.model import Model
    from masquerade.recognition.system import RecognitionSystem

NO_MATCH = 3
"""Exit code of a verification or identification without a match."""

EXIT_CODES = "Exit codes: 0 done or a match, 1 an error (one sentence), 2 wrong usage, 3 no match."

OPTIONS = {
    option.human_readable_name: option
    for option in (
        click.Option(
            ["--model"],
            default="faces",
            show_default=True,
            envvar="MASQUERADE_MODEL",
            show_envvar=True,
            help="A modality of this project, a folder, or MLflow's address, as models:/NAME@champion.",
        ),
        click.Option(
            ["--gallery"],
            default="gallery.db",
            show_default=True,
            envvar="MASQUERADE_GALLERY",
            show_envvar=True,
            help="A file, or SQLAlchemy's address of a database, as postgresql+psycopg://user@host/name.",
        ),
        click.Option(  # read_key() reads the variable: its value must not get into a message
            ["--key"],
            type=click.Path(path_type=Path),
            help="The file of the master secret, by default the one that MASQUERADE_KEY names.",
        ),
        click.Option(
            ["--system"],
            default="masquerade",
            show_default=True,
            help="Name of the system; with another name no template matches.",
        ),
        click.Option(
            ["--fmr"], type=float, default=1e-3, show_default=True, help="False match rate of the threshold, 0…1."
        ),
        click.Option(["--cropped"], is_flag=True, help="The pictures show no more than the face."),
        click.Option(["--json"], is_flag=True, help="Print JSON."),
    )
}

GALLERY = ("gallery", "json")
SYSTEM = ("model", "gallery", "key", "system", "fmr", "json")
PICTURES = (*SYSTEM, "cropped")


@dataclass(frozen=True)
class Asked:
    """The values of the shared options, the defaults for those that a command does not have."""

    model: str = ""
    gallery: str = ""
    key: Path | None = None
    system: str = ""
    fmr: float = 1e-3
    cropped: bool = False
    json: bool = False

    @cached_property
    def secret(self) -> "MasterKey":
        """The master secret."""
        from masquerade.keys import read_key

        return read_key(self.key)

    @cached_property
    def network(self) -> "Model":
        """F and G."""
        from masquerade.recognition.model import open_model

        return open_model(self.model)

    def templates(self, create: bool = False) -> "Gallery":
        """Open the gallery.

        Args:
            create: make it if it is missing.
        """
        from masquerade.gallery.store import Gallery

        return Gallery(self.gallery, create)

    def recognition(self) -> "RecognitionSystem":
        """Open the system of a gallery that is there; what loads fast first."""
        from masquerade.recognition.system import RecognitionSystem

        secret, gallery = self.secret, self.templates()
        return RecognitionSystem(self.system, self.network, secret, gallery, self.fmr)

    def images(self, files: Sequence[Path]) -> "np.ndarray":
        """Read images, uint8 (n, h, w, c)."""
        import numpy as np

        contents = [content(file) for file in files]
        return np.stack(
            [self.network.read(str(file), data, self.cropped) for file, data in zip(files, contents, strict=True)]
        )

    def say(self, result: Any, text: str) -> None:
        """Print what a command found, for programs or for people."""
        click.echo(json.dumps(result, ensure_ascii=False) if self.json else text)


def command(name: str, *shared: str) -> Callable[[Callable[..., None]], click.Command]:
    """Turn a function into a command that has some of the shared options, and gets their values as its first argument.

    Args:
        shared: names in :data:`OPTIONS`.
    """

    def decorate(function: Callable[..., None]) -> click.Command:
        @wraps(function)
        def callback(**given: Any) -> None:
            function(Asked(**{option: given.pop(option) for option in shared}), **given)

        made = click.command(name, epilog=EXIT_CODES)(callback)
        made.params += [OPTIONS[option] for option in shared]
        return made

    return decorate


def actor() -> str:
    """Return who asks, for the log: the user's name."""
    try:
        return getpass.getuser()[:64]
    except (KeyError, OSError):  # a container's user has no name
        return str(os.getuid())


def content(file: Path) -> bytes:
    """Read a picture's file.

    Raises:
        InputError: it is missing, not a file, unreadable, or larger than any picture that is decoded.
    """
    from masquerade.data.decode import MEGAPIXELS

    limit = int(4e6 * MEGAPIXELS) + 2**20
    try:
        if not file.is_file():
            raise InputError(f"{file}: {'is not a file' if file.exists() else 'there is no such file'}")
        if file.stat().st_size > limit:
            raise InputError(f"{file}: has {file.stat().st_size:,} bytes, and a picture at most {limit:,}")
        return file.read_bytes()
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror}") from error
