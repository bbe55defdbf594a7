import re

from repository import ROOT, succeed

LARGEST = 6_000_000
"""Bytes of all reports in git: every clone has them, in every version."""


def test_reports_in_git_are_small() -> None:
    names = succeed(ROOT, "git", "ls-files", "-z", "reports").rstrip("\0").split("\0")
    sizes = {name: (ROOT / name).stat().st_size for name in names if (ROOT / name).is_file()}

    assert len(sizes) > 50
    assert sum(sizes.values()) <= LARGEST, sorted(sizes.items(), key=lambda item: -item[1])[:10]


def test_every_figure_of_the_kept_report_is_there() -> None:
    folder = ROOT / "reports" / "paper-scale"
    shown = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", (folder / "report.md").read_text(encoding="utf-8"))

    assert len(shown) >= 4
    assert [name for name in shown if not (folder / name).is_file()] == []
