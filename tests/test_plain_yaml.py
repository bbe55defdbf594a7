import re
from collections.abc import Callable
from pathlib import Path

import pytest
from dvc.utils.serialize import parse_yaml
from hypothesis import example, given
from hypothesis import strategies as st

from masquerade.errors import InputError
from masquerade.plain_yaml import DEPTH, LENGTH, read_yaml

ALIASES = "a0: &a0 [x, x]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 12)
)
"""Eleven lines that stand for 10¹⁰ values."""


def written(folder: Path, text: str) -> Path:
    path = folder / "params.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1e-4", {"a": 1e-4}),
        ("a: 5e-5", {"a": 5e-5}),
        ("a: [yes, on, off, n]", {"a": ["yes", "on", "off", "n"]}),
        ("a: [1_000, 0o17, 017, 0x1F, 1:30]", {"a": [1000, 15, 17, 31, "1:30"]}),
        ("a: {b: [1, 0.5, null, true, '1']}", {"a": {"b": [1, 0.5, None, True, "1"]}}),
        ("", None),
        (f"a: {'x' * LENGTH}", {"a": "x" * LENGTH}),
    ],
)
def test_plain_values_are_read_as_yaml_1_2(tmp_path: Path, text: str, value: object) -> None:
    assert read_yaml(written(tmp_path, text)) == value


@given(st.text("0123456789_+-.eExXobtrufalsnyNOTIF:~ ", max_size=12))
@example("5e-5")
@example("on")
@example("1_000")
@example(".5")
@example("1.e3")
@example("2026-01-01")
@example("0b11")
def test_a_value_means_what_it_means_to_dvc(tmp_path_factory: pytest.TempPathFactory, value: str) -> None:
    path = written(tmp_path_factory.getbasetemp(), f"a: {value}\n")
    read: list[str] = []
    readers: list[Callable[[], object]] = [
        lambda: read_yaml(path),
        lambda: parse_yaml(path.read_text(encoding="utf-8"), path),
    ]
    for reader in readers:
        try:
            read.append(repr(reader()))
        except Exception as error:  # which one is each reader's own affair
            read.append(f"{'' if isinstance(error, InputError) else 'DVC: '}refused")

    ours, theirs = read
    assert ours == theirs or (ours, theirs) == ("refused", "DVC: refused")


def test_as_many_levels_as_allowed_are_read(tmp_path: Path) -> None:
    value = read_yaml(written(tmp_path, "[" * DEPTH + "]" * DEPTH))

    for _ in range(DEPTH - 1):
        (value,) = value
    assert value == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (ALIASES, "anchors (&) and aliases (*) are not accepted"),
        ("a: *b", "anchors (&) and aliases (*) are not accepted"),
        ("a: " + "[" * 5000 + "]" * 5000, "nested more than 20 levels deep"),
        ("[" * (DEPTH + 1) + "]" * (DEPTH + 1), "nested more than 20 levels deep"),
        ("- " * 5000, "nested more than 20 levels deep"),
        ("".join(" " * level + "a:\n" for level in range(5000)), "nested more than 20 levels deep"),
        ("a: !!python/object/apply:os.system [ls]", "tags (!) are not accepted"),
        ("a: !!float x", "tags (!) are not accepted"),
        (f"a: {'9' * 5000}", "a value is longer than 1000 characters"),
        (f"{'a' * 1001}: 1", "a value is longer than 1000 characters"),
        ("a: 2026-02-30", "day is out of range for month"),
        ("a: 0x_", "invalid literal for int() with base 16: ''"),
        ("{{a: b}: c}", "found unhashable key"),
        ("--- 1\n--- 2", "expected a single document"),
    ],
)
def test_what_is_not_plain_is_one_sentence(tmp_path: Path, text: str, reason: str) -> None:
    path = written(tmp_path, text)

    with pytest.raises(InputError, match=re.escape(reason)) as caught:
        read_yaml(path)
    assert caught.value.message.startswith(f"{path}: is not valid YAML: ")
    assert "\n" not in caught.value.message
