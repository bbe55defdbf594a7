"""Markdown from a Jinja template, and the same page as one HTML file."""

import base64
import mimetypes
import re
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

import markdown
import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from masquerade.errors import InputError
from masquerade.report.claims import claims
from masquerade.report.results import KINDS, Results, generators, minutes, table6

PACKAGES = ["dvc", "keras", "mlflow", "numpy", "pandas", "scikit-learn", "tensorflow", "tensorflow-cpu"]


def render_markdown(template: str, results: list[Results], alpha_sweep: pd.DataFrame, params: str) -> str:
    """Fill one of the templates beside this module (``report.md.jinja``, ``results.md.jinja``).

    Args:
        params: the text of params.yaml.
    """
    environment = Environment(
        loader=PackageLoader("masquerade.report"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 (Markdown; the numbers are our own)
    )
    environment.filters |= {
        "table": as_markdown,
        "bold_extremes": bold_extremes,
        "percent": lambda share: f"{share:.2%}",
    }
    return environment.get_template(template).render(
        results=results,
        kinds=KINDS,
        minutes=minutes(results),
        table6=table6(results),
        generators=generators(results),
        alpha_sweep=alpha_sweep,
        claims=claims(results, alpha_sweep),
        params=params,
        versions=_versions(),
    )


def render_html(text: str, folder: Path) -> str:
    """Turn the Markdown page that lies in ``folder`` into HTML with its style and every picture inside."""
    body = markdown.markdown(text, extensions=["tables", "fenced_code", "toc"])

    def inline(match: re.Match[str]) -> str:
        picture = folder / match[1]
        if not picture.is_file():
            raise InputError(f"{picture}: missing; dvc repro runs the stage that draws it")
        kind = mimetypes.guess_type(picture.name)[0]
        return f'src="data:{kind};base64,{base64.b64encode(picture.read_bytes()).decode()}"'

    body = re.sub(r'src="([^":]+)"', inline, body)
    environment = Environment(loader=PackageLoader("masquerade.report"), autoescape=False)  # noqa: S701
    return environment.get_template("page.html.jinja").render(body=body)


def bold_extremes(table: pd.DataFrame, digits: int = 3) -> pd.DataFrame:
    """Round numbers for people and set the largest and the smallest of each column in bold, as Table 3 does."""

    def mark(column: pd.Series) -> pd.Series:
        shown = column.map(lambda value: "" if pd.isna(value) else f"{value:.{digits}g}")
        return shown.where(column.isna() | ~column.isin([column.min(), column.max()]), "**" + shown + "**")

    return table.apply(mark)


def as_markdown(table: pd.DataFrame, names: Mapping[str, str] | None = None, index: bool = True) -> str:
    """Write a table with four digits a number."""
    shown = table.map(lambda cell: f"{cell:.4g}" if isinstance(cell, float) else cell)
    return str(shown.rename(columns=names or {}).to_markdown(index=index, disable_numparse=True))


def _versions() -> dict[str, str]:
    installed = {distribution.name: distribution.version for distribution in metadata.distributions()}
    return {package: installed[package] for package in PACKAGES if package in installed}
