import re
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from masquerade.report.render import bold_extremes, render_html


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


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "digits").mkdir()
    Image.new("L", (3, 2), 7).save(tmp_path / "digits" / "a.png")
    return tmp_path


def test_pictures_are_inside_the_page(folder: Path) -> None:
    import base64

    page = render_html("![what it shows](digits/a.png) and again ![](digits/a.png)", folder)

    sources = re.findall(r'src="data:image/png;base64,([^"]+)"', page)
    assert [base64.b64decode(source) for source in sources] == [(folder / "digits" / "a.png").read_bytes()] * 2
    assert 'alt="what it shows"' in page
    assert "a.png" not in page


def test_picture_that_is_inside_already_stays(folder: Path) -> None:
    assert 'src="data:image/png;base64,AAAA"' in render_html("![](data:image/png;base64,AAAA)", folder)


def test_page_has_tables_headings_to_link_to_and_code(folder: Path) -> None:
    page = render_html("# The title\n\n| a | b |\n|---|---|\n| **1** | 2 |\n\n```yaml\nalpha: <0.2>\n```\n", folder)

    assert '<h1 id="the-title">The title</h1>' in page
    assert "<td><strong>1</strong></td>" in page
    assert "alpha: &lt;0.2&gt;" in page
    assert page.startswith("<!doctype html>")
    assert not re.search(r"<link|<script|https?://", page)
