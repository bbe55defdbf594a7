from pathlib import Path
from unittest.mock import Mock

import pandas as pd
import pytest

from masquerade.attacks.finding import read_findings
from masquerade.attacks.skip import reason, skip
from masquerade.paths import Paths
from masquerade.tables import read_csv
from masquerade.tracking import StageRun


def test_what_an_attack_leaves_that_was_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder, run = Paths("faces").attacks, Mock(StageRun)

    skip("guessing", "too few people; it takes two", Paths("faces"), run)

    assert read_findings(folder / "guessing.json") == {}
    table = read_csv(folder / "guessing.csv")
    assert reason(table) == "too few people; it takes two"
    assert table.columns.empty
    run.log_files.assert_called_once_with(*(folder / f"guessing.{suffix}" for suffix in ("csv", "json", "png")))


def test_a_table_of_what_was_found_has_no_reason() -> None:
    assert reason(pd.DataFrame({"value": [1.0]}, index=pd.Index(["unet"], name="generator"))) is None
