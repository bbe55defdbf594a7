"""Tables as CSV."""

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from masquerade.atomic import replacing
from masquerade.errors import InputError


def read_csv(path: Path, index: int | list[int] = 0) -> pd.DataFrame:
    """Read a table that :func:`write_csv` wrote, by default with its first column as index.

    Raises:
        InputError: the file is missing, is not CSV, or has fewer columns than its index.
    """
    # A class may be called 001 or nan.
    names = dict.fromkeys(("class", "network"), str)
    try:
        table = pd.read_csv(path, index_col=index, converters=names, keep_default_na=False, na_values=[""])
    except FileNotFoundError as error:
        raise InputError(f"{path}: missing; dvc repro runs the stage that writes it") from error
    except (OSError, ValueError, IndexError) as error:
        raise InputError(f"{path}: is not a valid table: {' '.join(str(error).split())}") from error
    return _each_text(table, lambda text: re.sub(rf"\A'(?={_FORMULA})", "", text))


def write_csv(path: Path, table: pd.DataFrame) -> None:
    """Write the table with its index as first column.

    Text that a spreadsheet would compute, such as a class called ``=1+1``, gets a leading apostrophe.
    """
    safe = _each_text(table, lambda text: re.sub(rf"\A(?={_FORMULA})", "'", text))
    content = safe.to_csv(lineterminator="\n")
    if "\r" in content:  # starts a new row, and pandas quotes it only if it quotes all text
        content = safe.to_csv(lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    with replacing(path) as temporary:
        temporary.write_text(content, encoding="utf-8", newline="")


_FORMULA = r"'*(?![+-]\d+(\.\d*)?(e[+-]?\d+)?\Z)[=+\-@\t\r]"
"""Beginning of text that a spreadsheet would compute, after any apostrophes of its own, so that reading restores it."""


def _each_text(table: pd.DataFrame, change: Callable[[str], str]) -> pd.DataFrame:
    def cell(value: Any) -> Any:
        return change(value) if isinstance(value, str) else value

    changed = table.rename(index=cell, columns=cell)
    for name in changed.select_dtypes(exclude=["number", "bool"]):
        changed[name] = changed[name].map(cell)
    return changed
