"""A small project's results, in the current folder."""

from pathlib import Path

import pytest
from small_results import write_results

from masquerade.params import Params
from masquerade.report.results import Results, read_results
from masquerade.report.targets import Targets


@pytest.fixture
def reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "reports" / "digits"
    write_results(folder)
    return folder


@pytest.fixture
def results(reports: Path, params: Params, targets: Targets) -> Results:
    return read_results("digits", params, targets)
