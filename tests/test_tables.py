import math
from pathlib import Path

import pandas as pd
import pytest

from masquerade.errors import InputError
from masquerade.tables import read_json, write_csv, write_json


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_json_refuses_what_no_other_program_reads_and_keeps_the_old_file(tmp_path: Path, number: float) -> None:
    path = tmp_path / "metrics.json"
    write_json(path, {"eer": 0.1})

    with pytest.raises(InputError, match=r"metrics\.json: not written, a number in it is NaN or infinite"):
        write_json(path, {"eer": number})

    assert read_json(path) == {"eer": 0.1}
    assert list(tmp_path.iterdir()) == [path]


def test_equal_content_gives_equal_bytes(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"a": [0.1, 1], "b": "é"})
    write_json(tmp_path / "b.json", {"a": [0.1, 1], "b": "é"})

    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert read_json(tmp_path / "a.json") == {"a": [0.1, 1], "b": "é"}


def test_missing_and_broken_json_each_give_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "metrics.json"
    with pytest.raises(InputError, match=r"metrics.json: missing; dvc repro"):
        read_json(path)

    path.write_text('{"eer": ')
    with pytest.raises(InputError, match=r"metrics.json: is not valid JSON"):
        read_json(path)


def test_csv_keeps_every_digit(tmp_path: Path) -> None:
    table = pd.DataFrame({"eer": [0.1 + 0.2]}, index=pd.Index(["digits"], name="modality"))

    write_csv(tmp_path / "table.csv", table)

    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "table.csv", index_col=0), table, check_exact=True)
