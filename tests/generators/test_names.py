"""Whoever reads params.yaml learns a kind's name from it; no other code has it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from repository import ROOT

from masquerade.generators import NAMES

PACKAGE = ROOT / "masquerade"


def texts(file: Path) -> Iterator[str]:
    """The strings of a module without its docstrings, or the whole of a template."""
    content = file.read_text(encoding="utf-8")
    if file.suffix != ".py":
        yield content
        return
    tree = ast.parse(content)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


@pytest.mark.parametrize("kind", NAMES)
def test_nothing_outside_the_folders_knows_a_kind_by_name(kind: str) -> None:
    files = [file for file in PACKAGE.rglob("*") if file.suffix in {".py", ".jinja", ".yaml"}]
    outside = [file for file in files if not any(PACKAGE / "generators" / name in file.parents for name in NAMES)]
    knowing = [file.name for file in outside if any(re.search(rf"\b{kind}\b", text) for text in texts(file))]

    assert len(files) > len(outside) > 50
    assert knowing == []
