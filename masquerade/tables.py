"""Tables and numbers as files: CSV and Markdown beside each other, JSON with sorted keys."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from masquerade.atomic import replacing
from masquerade.errors import InputError


def write_json(path: Path, content: Any) -> None:
    """Write JSON; NaN and infinity are refused because no other program reads them."""
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")


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


def write_csv(path: Path, table: pd.DataFrame) -> None:
    """Write the table with its index as first column."""
    with replacing(path) as temporary:
        table.to_csv(temporary)


def mark_extremes(table: pd.DataFrame, digits: int = 3) -> pd.DataFrame:
    """Round a table of numbers for Markdown and set the largest and smallest value of each column in bold."""

    def mark(column: pd.Series) -> pd.Series:
        shown = column.map(lambda value: "" if pd.isna(value) else f"{value:.{digits}g}")
        return shown.where(~column.isin([column.min(), column.max()]), "**" + shown + "**")

    return table.apply(mark)
