"""Dataclasses of arrays, on disk as .npz without pickled objects."""

from dataclasses import fields
from pathlib import Path
from typing import Any, Self

import numpy as np

from masquerade.atomic import replacing
from masquerade.errors import InputError


class ArrayFile:
    """Base of a dataclass whose fields are all arrays."""

    def save(self, path: Path) -> None:
        """Write every field, whole or not at all."""
        with replacing(path) as temporary:
            np.savez(temporary, **{field.name: getattr(self, field.name) for field in fields(self)})  # type: ignore[arg-type]

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what :meth:`save` wrote.

        Raises:
            InputError: the file is missing, damaged or of another kind.
        """
        try:
            with np.load(path, allow_pickle=False) as file:
                arrays: dict[str, Any] = {field.name: file[field.name] for field in fields(cls)}  # type: ignore[arg-type]
        except FileNotFoundError as error:
            raise InputError(f"{path}: missing; dvc repro runs the stage that writes it") from error
        except Exception as error:  # damage raises a dozen kinds of errors in zipfile, zlib and numpy
            reason = " ".join(str(error).split())[:200] or type(error).__name__
            raise InputError(f"{path}: is not a complete {cls.__name__} file: {reason}") from error
        return cls(**arrays)
