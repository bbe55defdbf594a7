"""Numbers as JSON."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from masquerade.atomic import replacing
from masquerade.errors import InputError
from masquerade.leaves import leaves


def write_json(path: Path, content: Any) -> None:
    """Write JSON; NaN and infinity are refused because they are not valid JSON."""
    try:
        text = json.dumps(content, indent=2, allow_nan=False) + "\n"
    except ValueError as error:
        raise InputError(f"{path}: not written: a number in it is NaN or infinite") from error
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def read_json(path: Path) -> dict[str, Any]:
    """Read what a stage wrote.

    Raises:
        InputError: the file is missing, or not a JSON object as :func:`write_json` writes it.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse)
    except FileNotFoundError as error:
        raise InputError(f"{path}: missing; dvc repro runs the stage that writes it") from error
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path}: is not valid JSON: {error}") from error
    if not isinstance(content, dict):
        raise InputError(f"{path}: is not a JSON object of names and values")
    return content


def dotted(content: Mapping[str, Any]) -> dict[str, float]:
    """Return the numbers of nested JSON by their paths, such as ``unet.real_template.eer``, without lists and texts."""
    return {name: value for name, value in leaves(content) if isinstance(value, int | float)}


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not a number")
