"""Tables as CSV, numbers as JSON."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from masquerade.atomic import replacing
from masquerade.errors import InputError


def write_json(path: Path, content: Any) -> None:
    """Write JSON; NaN and infinity are refused because no other program reads them."""
    try:
        text = json.dumps(content, indent=2, allow_nan=False) + "\n"
    except ValueError as error:
        raise InputError(f"{path}: not written, a number in it is NaN or infinite") from error
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def read_json(path: Path) -> Any:
    """Read what a stage wrote.

    Raises:
        InputError: the file is missing or no JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(f"{path}: missing; dvc repro runs the stage that writes it") from error
    except ValueError as error:
        raise InputError(f"{path}: is not valid JSON: {error}") from error


def read_csv(path: Path, index: int | list[int] = 0) -> pd.DataFrame:
    """Read a table a stage wrote, by default with its first column as index.

    Raises:
        InputError: the file is missing or no CSV.
    """
    try:
        return pd.read_csv(path, index_col=index)
    except FileNotFoundError as error:
        raise InputError(f"{path}: missing; dvc repro runs the stage that writes it") from error
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: is not a valid table: {error}") from error


def write_csv(path: Path, table: pd.DataFrame) -> None:
    """Write the table with its index as first column."""
    with replacing(path) as temporary:
        table.to_csv(temporary)
