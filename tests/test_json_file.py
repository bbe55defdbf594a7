import math
from pathlib import Path

import pytest

from masquerade.errors import InputError
from masquerade.json_file import dotted, read_json, write_json


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_json_refuses_what_no_other_program_reads_and_keeps_the_old_file(tmp_path: Path, number: float) -> None:
    path = tmp_path / "metrics.json"
    write_json(path, {"eer": 0.1})

    with pytest.raises(InputError, match=r"metrics\.json: not written: a number in it is NaN or infinite"):
        write_json(path, {"eer": number})

    assert read_json(path) == {"eer": 0.1}
    assert list(tmp_path.iterdir()) == [path]


def test_missing_and_broken_json_each_give_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "metrics.json"
    with pytest.raises(InputError, match=r"metrics.json: missing; dvc repro"):
        read_json(path)

    path.write_text('{"eer": ')
    with pytest.raises(InputError, match=r"metrics.json: is not valid JSON"):
        read_json(path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"eer": NaN}', "is not valid JSON: NaN is not a number"),
        (b'{"eer": -Infinity}', "is not valid JSON: -Infinity is not a number"),
        (b"[0.1]", "is not a JSON object of names and values"),
        (b"[" * 100_000, "is not valid JSON: maximum recursion depth exceeded"),
        (b"\x89PNG\r\n\x1a\n", "is not valid JSON: 'utf-8' codec"),
        (None, "is not valid JSON: .*Is a directory"),
    ],
)
def test_json_that_no_stage_writes_is_one_sentence(tmp_path: Path, content: bytes | None, reason: str) -> None:
    path = tmp_path / "metrics.json"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)

    with pytest.raises(InputError, match=rf"metrics\.json: {reason}"):
        read_json(path)


def test_numbers_of_nested_json_are_named_by_their_path() -> None:
    content = {"real_real": {"eer": 0.02, "eer_ci": [0.01, 0.03]}, "unet": {"a": {"n": 3}}, "delta": -1.0, "word": "x"}

    assert dotted(content) == {"real_real.eer": 0.02, "unet.a.n": 3, "delta": -1.0}


def test_equal_content_gives_equal_bytes(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"a": [0.1, 1], "b": "é"})
    write_json(tmp_path / "b.json", {"a": [0.1, 1], "b": "é"})

    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert read_json(tmp_path / "a.json") == {"a": [0.1, 1], "b": "é"}
