"""Keras files that are equal byte for byte if the models are equal."""

import json
import re
import zipfile
from pathlib import Path

import keras

from masquerade.atomic import replacing
from masquerade.errors import InputError


def save_model(model: keras.Model, path: Path) -> None:
    """Write a .keras file without times and memory addresses, so that DVC sees when a training run changed nothing."""
    with replacing(path) as temporary:
        dated = temporary.with_name(f"dated-{temporary.name}")
        model.save(dated)
        with zipfile.ZipFile(dated) as source, zipfile.ZipFile(temporary, "w") as target:
            for name in sorted(source.namelist()):
                content = source.read(name)
                if name == "metadata.json":
                    metadata = json.loads(content)
                    metadata.pop("date_saved", None)
                    content = json.dumps(metadata).encode()
                if name == "config.json":
                    content = _renumbered(content)
                target.writestr(zipfile.ZipInfo(name), content)  # a ZipInfo is dated 1980 unless told otherwise


def _renumbered(config: bytes) -> bytes:
    """Number shared objects by their order: Keras writes their addresses in memory, which differ in every process."""
    numbers: dict[bytes, int] = {}
    return re.sub(
        rb'("shared_object_id": )(\d+)',
        lambda found: b"%b%d" % (found[1], numbers.setdefault(found[2], len(numbers))),
        config,
    )


def load_model(path: Path) -> keras.Model:
    """Open a .keras file in Keras' safe mode, after its checksums.

    Raises:
        InputError: the file is missing, damaged or no Keras model.
    """
    try:
        with zipfile.ZipFile(path) as file:
            if damaged := file.testzip():
                raise zipfile.BadZipFile(f"the checksum of {damaged} is wrong")
        return keras.models.load_model(path)
    except FileNotFoundError as error:
        raise InputError(f"{path}: missing; dvc repro runs the stage that writes it") from error
    except Exception as error:  # Keras raises many kinds of errors for a bad configuration
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise InputError(f"{path}: is not a complete Keras model: {reason}") from error
