from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from masquerade.attacks.finding import read_findings
from masquerade.attacks.skip import reason, skip
from masquerade.paths import Paths
from masquerade.tables import read_csv


class Logged(list):
    """In the place of a stage's run."""

    def log_files(self, *files: Path) -> None:
        self.extend(files)


def test_what_an_attack_leaves_that_was_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder, logged = Paths("faces").attacks, Logged()

    skip("guessing", "too few people; it takes two, $a$ or more", "faces: guessing", Paths("faces"), logged)

    assert read_findings(folder / "guessing.json") == {}
    table = read_csv(folder / "guessing.csv")
    assert reason(table) == "too few people; it takes two, $a$ or more"
    assert table.columns.empty
    with Image.open(folder / "guessing.png") as figure:
        assert len(figure.convert("L").getcolors()) > 2
    assert logged == [folder / f"guessing.{suffix}" for suffix in ("csv", "json", "png")]


def test_a_table_of_what_was_found_has_no_reason() -> None:
    assert reason(pd.DataFrame({"value": [1.0]}, index=pd.Index(["unet"], name="generator"))) is None
