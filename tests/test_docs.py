import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_fault_names_a_test_that_is_there() -> None:
    text = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith("| fault")]
    named = [re.findall(r"`([\w/]+\.py)::(\w+)`", row) for row in rows]

    missing = [
        f"{file}::{name}"
        for found in named
        for file, name in found
        if not re.search(rf"^(def|class) {name}\b", (ROOT / "tests" / file).read_text(encoding="utf-8"), re.MULTILINE)
    ]

    assert len(rows) > 40
    assert all(named)
    assert missing == []
