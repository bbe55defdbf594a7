import re
from html import escape
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from masquerade.errors import InputError
from masquerade.report.render import as_markdown, bold_extremes, render_html


def test_extremes_of_each_column_are_bold() -> None:
    table = pd.DataFrame({"a": [0.12345, 0.5, 0.25], "b": [3.0, 1.0, 2.0]}, index=["x", "y", "z"])

    assert bold_extremes(table).to_dict("list") == {"a": ["**0.123**", "**0.5**", "0.25"], "b": ["**3**", "**1**", "2"]}


def test_equal_extremes_are_all_bold_and_rounding_comes_after() -> None:
    """0.1004 and 0.1001 look equal; only the larger is the maximum."""
    marked = bold_extremes(pd.DataFrame({"a": [0.1004, 0.1001, 0.05, 0.05]}))

    assert marked["a"].tolist() == ["**0.1**", "0.1", "**0.05**", "**0.05**"]


def test_missing_number_is_an_empty_cell_and_no_extreme() -> None:
    """The paper has no number for a person who is not in its table."""
    marked = bold_extremes(pd.DataFrame({"a": [1.0, float("nan"), 2.0, 3.0], "b": [float("nan")] * 4}))

    assert marked["a"].tolist() == ["**1**", "", "2", "**3**"]
    assert marked["b"].tolist() == [""] * 4


def test_names_stand_literally_in_a_table_and_extremes_stay_bold() -> None:
    table = pd.DataFrame({"a*b*": [0.5, 0.25, 0.125]}, index=pd.Index(["**x**", "O'Brien_2", "a|b"], name="<i>"))

    lines = as_markdown(bold_extremes(table)).splitlines()
    assert [[cell.strip() for cell in line.strip("|").split("|")] for line in (lines[0], *lines[2:])] == [
        ["&#60;i&#62;", "a&#42;b&#42;"],
        ["&#42;&#42;x&#42;&#42;", "**0.5**"],
        ["O'Brien_2", "0.25"],
        ["a&#124;b", "**0.125**"],
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "digits").mkdir()
    Image.new("L", (3, 2), 7).save(tmp_path / "digits" / "a.png")
    return tmp_path


def test_images_are_inside_the_page(folder: Path) -> None:
    import base64

    page = render_html("![what it shows](digits/a.png) and again ![](digits/a.png)", folder)

    sources = re.findall(r'src="data:image/png;base64,([^"]+)"', page)
    assert [base64.b64decode(source) for source in sources] == [(folder / "digits" / "a.png").read_bytes()] * 2
    assert 'alt="what it shows"' in page
    assert "a.png" not in page


def test_image_that_is_inside_already_stays(folder: Path) -> None:
    assert 'src="data:image/png;base64,AAAA"' in render_html("![](data:image/png;base64,AAAA)", folder)


def test_page_has_tables_headings_to_link_to_and_code(folder: Path) -> None:
    page = render_html("# The title\n\n| a | b |\n|---|---|\n| **1** | 2 |\n\n```yaml\nalpha: <0.2>\n```\n", folder)

    assert '<h1 id="the-title">The title</h1>' in page
    assert "<td><strong>1</strong></td>" in page
    assert "alpha: &lt;0.2&gt;" in page
    assert page.startswith("<!doctype html>")
    assert not re.search(r"<link|<script|https?://", page)


def test_missing_image_is_named(folder: Path) -> None:
    with pytest.raises(InputError, match=r"digits/b\.png: missing; dvc repro runs the stage that draws it"):
        render_html("![](digits/b.png)", folder)


@pytest.mark.parametrize(
    "html", ['<img src="q">', "<script>alert(1)</script>", "a <b>b</b>", "<!-- c -->", "<svg/onload=x>"]
)
def test_html_in_the_page_is_shown(folder: Path, html: str) -> None:
    page = render_html(html, folder)

    assert escape(html, quote=False) in page
    assert html not in page


@pytest.mark.parametrize(
    "target",
    ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "javascript&#58;alert(1)", "data:text/html,x", "&#106;avascript:x"],
)
def test_link_to_anything_but_the_web_or_a_file_leads_nowhere(folder: Path, target: str) -> None:
    page = render_html(f"[script]({target}) [file](../docs/errata.md) [web](https://arxiv.org)", folder)

    assert re.findall("<a.*?>", page) == ["<a>", '<a href="../docs/errata.md">', '<a href="https://arxiv.org">']


def test_nothing_runs_or_is_fetched_even_where_html_gets_through(folder: Path) -> None:
    """The images are data, the style stands in the page; there is nothing else."""
    policy = re.search(r'<meta http-equiv="Content-Security-Policy" content="(.*?)">', render_html("", folder))

    assert policy is not None
    assert policy[1].split("; ")[:3] == ["default-src 'none'", "img-src data:", "style-src 'unsafe-inline'"]
