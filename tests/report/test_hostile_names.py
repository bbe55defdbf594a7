"""A report of classes whose names are programs: in CSV, in Markdown, and in a real browser."""

import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from urllib.parse import quote

import pandas as pd
import pytest
from PIL import Image
from small_results import write_results

from masquerade.params import Params
from masquerade.report.render import render_html, render_markdown
from masquerade.report.results import read_results
from masquerade.report.targets import Targets
from masquerade.tables import read_csv, write_csv

NAMES = [
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "<javascript:alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    '"><img src=x onerror=alert(1)>',
    "</td></table><iframe srcdoc='<script>parent.alert(1)</script>'>",
    "a\n\n<img src=x onerror=alert(1)>\n\nb",
    "`|<img src=x onerror=alert(1)>|`",
    '<img src="q">',
    "![x](http://example.com/x.png)",
    "{{ 7*7 }}",
    "&lt;b&gt;",
    "**bold** _x_ # -",
    "=1+1",
    "-x",
    "NA",
    "001",
]


@pytest.fixture(scope="module")
def page(params: Params, targets: Targets, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """report.md and report.html of small numbers, with these classes in every table that has classes."""
    folder = tmp_path_factory.mktemp("hostile") / "reports"
    for modality in ("digits", "faces"):
        write_results(folder / modality)
        counts = read_csv(folder / modality / "class_counts.csv").iloc[[0] * len(NAMES)]
        write_csv(folder / modality / "class_counts.csv", counts.set_axis(pd.Index(NAMES, name="class")))
        measured = read_csv(folder / modality / "table3.csv", [0, 1, 2]).loc["b"]
        write_csv(folder / modality / "table3.csv", pd.concat(dict.fromkeys(NAMES, measured), names=["class"]))
        moved = read_csv(folder / modality / "displacements.csv", [0, 1]).iloc[[0] * len(NAMES)]
        write_csv(
            folder / modality / "displacements.csv",
            moved.set_axis(pd.MultiIndex.from_product([["unet"], NAMES], names=["generator", "class"])),
        )
    pairs = params.modality("faces").model_copy(update={"pairs": "`<img src=x onerror=alert(1)>"})
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder.parent)
        given = params.model_copy(update={"faces": pairs})
        results = [read_results(name, given, targets) for name in ("digits", "faces")]
        written = "# ```\n# <img src=x onerror=alert(1)>\nalpha: 0.2\n"
        text = render_markdown("report.md.jinja", results, written, targets)
    for image in re.findall(r"\]\((.*?\.png)\)", text):
        (folder / image).parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (1, 1)).save(folder / image)
    return text, render_html(text, folder)


def words(text: str) -> str:
    return " ".join(text.split())


def test_every_name_is_a_cell_of_its_own_and_shown_literally(page: tuple[str, str]) -> None:
    _, html = page
    cells = [words(unescape(cell)) for cell in re.findall(r"<td[^>]*>([^<]*)</td>", html)]

    for name in NAMES:
        assert cells.count(words(name)) == 4  # Table 3 and the displacements of digits and of faces


def test_names_add_no_element_of_their_own(page: tuple[str, str]) -> None:
    text, html = page
    body = html.partition("<body>")[2]

    assert not re.search(r"<(script|svg|iframe|a href=.javascript)", body)
    assert body.count("<img") == len(re.findall(r"!\[[^\]]*\]\([a-z0-9_/]*\.png\)", text))
    assert not re.search(r"onerror=|onload=", "".join(re.findall("<[^>]*>", body)))


def test_bold_numbers_of_our_own_are_still_bold(page: tuple[str, str]) -> None:
    _, html = page

    assert re.search(r"<td[^>]*><strong>[\d.]+</strong></td>", html)
    assert "<strong>no</strong>" in html


CHROMIUM = shutil.which("chromium")
LISTEN = "<script>window.alert = () => { document.documentElement.dataset.dialog = 'opened' }</script>"
CLICK = "<script>for (const link of document.links) if (link.protocol == 'javascript:') link.click()</script>"
LIVE = "".join(f"<p>{name}</p>" for name in NAMES[:2])


def open_page(html: str, folder: Path) -> str:
    """What Chromium makes of a page once it is at rest. A dialog that nobody answers would keep it waiting."""
    (folder / "page.html").write_text(html, encoding="utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND"]
    options += [f"--user-data-dir={folder}/profile", "--virtual-time-budget=2000", "--dump-dom"]
    command = [str(CHROMIUM), *options, f"file://{quote(str(folder))}/page.html"]
    dom = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout
    assert "</html>" in dom
    return dom


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH")
class TestInChromium:
    def test_no_dialog_opens(self, page: tuple[str, str], tmp_path: Path) -> None:
        dom = open_page(page[1], tmp_path)

        assert '<h1 id="masquerade-report">' in dom

    def test_no_dialog_opens_without_the_policy_either(self, page: tuple[str, str], tmp_path: Path) -> None:
        """Escaping is enough; the policy stands behind it."""
        html = re.sub(r'<meta http-equiv="Content-Security-Policy".*?>', LISTEN, page[1])

        assert "data-dialog" not in open_page(html.replace("</body>", f"{CLICK}</body>"), tmp_path)

    @pytest.mark.parametrize("name", [*NAMES[:3], '<a href="javascript:alert(1)">x</a>'])
    def test_the_same_names_open_one_where_they_are_not_escaped(self, name: str, tmp_path: Path) -> None:
        dom = open_page(f"<!doctype html><html><head>{LISTEN}</head><body>{name}{CLICK}</body></html>", tmp_path)

        assert '<html data-dialog="opened">' in dom

    def test_the_policy_alone_stops_them(self, page: tuple[str, str], tmp_path: Path) -> None:
        head, body = page[1].partition("<body>")[::2]

        dom = open_page(f"{head}<body>{LIVE}{body}", tmp_path)

        assert '<img src="x" onerror="alert(1)">' in dom
        assert '<svg onload="alert(1)">' in dom
