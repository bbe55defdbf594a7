"""A class may have any name that a folder may have."""

from collections.abc import Callable
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from masquerade.report.escape import escape, fenced
from masquerade.report.render import as_markdown, render_html

PIECES = [
    *"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ \t\n\r",
    *("<img src=x onerror=alert(1)>", '<img src="q">', "<svg onload=", "<script>", "</td>", "</title>", "<!--", "-->"),
    *("](javascript:alert(1))", "![x](http://x)", "<javascript:alert(1)>", "[x]: x", "&amp;", "&#60;", "&lt", "&"),
    *(
        "{{ 7*7 }}",
        "{% raw %}",
        "**",
        "__",
        "~~",
        "```",
        "\\|",
        "\n\n",
        "\n---\n",
        "    ",
        "- ",
        "1. ",
        "> ",
        "x",
        "é",
        "\u2028",
    ),
]
NAMES = st.lists(
    st.sampled_from(PIECES) | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=4),
    min_size=1,
    max_size=8,
).map("".join)


class Page(HTMLParser):
    """The elements of a page with the names of their attributes, and the words of each cell."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, list[str]]] = []
        self.cells: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, [name for name, _ in attrs]))
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        if self.cells:
            self.cells[-1] += data


RENDERERS: dict[str, Callable[[str], str]] = {
    "report.html": lambda text: render_html(text, Path()),
    "another renderer of report.md": MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render,
}


def page(renderer: str, name: str) -> Page:
    table = as_markdown(pd.DataFrame({name: [name]}, index=pd.Index([name], name=name)))
    return Page(RENDERERS[renderer](f"Before {escape(name)} it.\n\n{table}\n\n![{escape(name)}](data:x)\n"))


@cache
def usual_page(renderer: str) -> Page:
    return page(renderer, "x")


@pytest.mark.parametrize("renderer", RENDERERS)
@given(name=NAMES)
@settings(deadline=None)
def test_any_name_is_shown_literally_and_adds_nothing_to_the_page(renderer: str, name: str) -> None:
    shown = page(renderer, name)

    assert [" ".join(cell.split()) for cell in shown.cells[:3]] == [" ".join(name.split())] * 3
    assert shown.elements == usual_page(renderer).elements


@pytest.mark.parametrize("name", ["George_W_Bush", "O'Brien", "Müller-Lüdenscheidt", "s1", "3.5 (new)", "Ωmega, α ≤ 2"])
def test_usual_names_stay_readable_in_the_source(name: str) -> None:
    assert escape(name) == name


@pytest.mark.parametrize("text", ["a: 1\n", "a: 1\n```\n<script>\n", "````\n`\n", "~~~\n"])
def test_no_text_ends_its_code_block(text: str) -> None:
    for render in RENDERERS.values():
        page = Page(render(f"{fenced(text, 'yaml')}\n\n| last |\n|---|\n| cell |\n"))

        assert [tag for tag, _ in page.elements if tag in ("code", "script", "td")] == ["code", "td"]
