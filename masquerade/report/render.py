"""Markdown from a Jinja template, and the same page as one HTML file."""

import base64
import mimetypes
import re
from importlib import metadata
from pathlib import Path
from xml.etree.ElementTree import Element

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markdown import Markdown
from markdown.treeprocessors import Treeprocessor
from markupsafe import Markup

from masquerade import attacks
from masquerade.errors import InputError
from masquerade.evaluation.arms import Arm
from masquerade.generators import kind
from masquerade.report.card import card, summary
from masquerade.report.claims import REACHED, claims
from masquerade.report.escape import escape, fenced
from masquerade.report.flows import three_flows
from masquerade.report.notes import notes
from masquerade.report.results import Results, generators, minutes, shared_seconds, table6
from masquerade.report.targets import Targets

PACKAGES = ["dvc", "keras", "mlflow", "numpy", "pandas", "scikit-learn", "tensorflow", "tensorflow-cpu"]


def render_markdown(template: str, results: list[Results], params: str, targets: Targets) -> str:
    """Fill one of the templates beside this module (``report.md.jinja``, ``results.md.jinja``).

    Args:
        params: the text of params.yaml.
    """
    return markdown_template(template).render(
        results=results,
        titles={name: kind(name).title for result in results for name in result.kinds},
        shared_seconds=(shared := shared_seconds()),
        minutes=minutes([shared, *(result.seconds for result in results)], targets.paper_stages),
        targets=targets,
        Arm=Arm,
        kind_of=kind,
        table6=table6(results),
        generators=generators(results),
        claims=claims(results),
        reached=REACHED,
        card=(lines := card(results)),
        summary=summary(lines),
        attacks=attacks,
        three_flows=three_flows,
        notes=notes,
        params=params,
        versions=_versions(),
    )


def markdown_template(name: str) -> Template:
    """Return one of the templates beside this module; what it prints is shown literally."""
    environment = Environment(
        loader=PackageLoader("masquerade.report"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=True,  # output of a macro or an include is not escaped again
        finalize=escape,
    )
    environment.filters |= {
        "table": as_markdown,
        "bold_extremes": bold_extremes,
        "fenced": fenced,
        "percent": lambda share: f"{share:.2%}",
    }
    return environment.get_template(name)


def render_html(text: str, folder: Path) -> str:
    """Turn a Markdown page in ``folder`` into one HTML file with its style and all images inside.

    HTML in the page is shown as text, and links lead only to the web or to files beside the page.

    Raises:
        InputError: an image is missing.
    """
    page = Markdown(extensions=["tables", "fenced_code", "toc"])
    page.preprocessors.deregister("html_block")
    page.inlinePatterns.deregister("html")
    page.treeprocessors.register(_SelfContained(folder), "self-contained", -1)  # the last one
    environment = Environment(loader=PackageLoader("masquerade.report"), autoescape=True)
    return environment.get_template("page.html.jinja").render(body=Markup(page.convert(text)))  # noqa: S704


class _SelfContained(Treeprocessor):
    """Put images into the page, and remove links that are neither relative nor to the web."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def run(self, root: Element) -> None:
        for element in root.iter("img"):
            if ":" not in (source := element.get("src", "")):
                element.set("src", self._data(self.folder / source))
        for element in root.iter("a"):
            if not re.fullmatch(r"https?://.*|[\w./#-]*", element.get("href", "")):
                del element.attrib["href"]

    def _data(self, image: Path) -> str:
        if not image.is_file():
            raise InputError(f"{image}: missing; dvc repro runs the stage that draws it")
        kind = mimetypes.guess_type(image.name)[0]
        return f"data:{kind};base64,{base64.b64encode(image.read_bytes()).decode()}"


def bold_extremes(table: pd.DataFrame, digits: int = 3) -> pd.DataFrame:
    """Round numbers for people and set the largest and the smallest of each column in bold, as Table 3 does."""

    def mark(column: pd.Series) -> pd.Series:
        shown = column.map(lambda value: "" if pd.isna(value) else f"{value:.{digits}g}")
        marked = shown.where(column.isna() | ~column.isin([column.min(), column.max()]), "**" + shown + "**")
        return pd.Series([Markup(cell) for cell in marked], column.index, dtype=object)  # noqa: S704 (numbers)

    return table.apply(mark)


def as_markdown(table: pd.DataFrame, index: bool = True) -> Markup:
    """Write a table with four digits per number; cells, index and column names are shown literally."""
    shown = table.map(lambda cell: escape(f"{cell:.4g}" if isinstance(cell, float) else cell))
    shown = shown.rename(index=escape, columns=escape).rename_axis(index=lambda name: name and escape(name))
    return Markup(shown.to_markdown(index=index, disable_numparse=True))  # noqa: S704


def _versions() -> dict[str, str]:
    installed = {distribution.name: distribution.version for distribution in metadata.distributions()}
    return {package: installed[package] for package in PACKAGES if package in installed}
