import copy
from pathlib import Path
from typing import Any

import pytest
from repository import ROOT, succeed

from masquerade.params.page import page
from masquerade.plain_yaml import read_yaml


@pytest.fixture(scope="module")
def content() -> dict[str, Any]:
    return read_yaml(ROOT / "params.yaml")


def rows(text: str, heading: str) -> dict[str, list[str]]:
    """The cells of a section's table behind each key; its head is under "key"."""
    table = text.partition(f"## `{heading}`\n")[2].partition("## ")[0]
    lines = [
        line.removeprefix("| ").removesuffix(" |").split(" | ") for line in table.splitlines() if line.startswith("|")
    ]
    return {line[0].strip("`"): line[1:] for line in lines}


def test_committed_page_is_that_of_the_models_and_the_parameters(tmp_path: Path, content: dict[str, Any]) -> None:
    """After an experiment, which changes params.yaml, the page still shows the values of the last commit."""
    text = (ROOT / "docs" / "parameters.md").read_text(encoding="utf-8")
    if text != page(content) and (ROOT / ".git").exists():
        (tmp_path / "params.yaml").write_text(succeed(ROOT, "git", "show", "HEAD:params.yaml"), encoding="utf-8")
        content = read_yaml(tmp_path / "params.yaml")

    assert text == page(content), "run `make parameters`"


def test_modalities_share_a_table(content: dict[str, Any]) -> None:
    table = rows(page(content), "<modality>.unet.training")

    assert table["key"] == ["meaning", "range", "digits", "faces"]
    assert table["steps"][1:] == ["an integer from 1 to 1000000", "`2000`", "`700`"]
    assert table["jit_compile"][1:] == ["`true`, `false`", "`false`", "`false`"]
    assert table.keys() - {"key", "---"} == content["digits"]["unet"]["training"].keys()


def test_what_is_left_out_shows_nothing(content: dict[str, Any]) -> None:
    content = copy.deepcopy(content)
    content["faces"] |= {"triplet": None}
    del content["digits"]["triplet"]
    content["failure_modes"]["provocations"] = {"x": {"alpha": 0, "settings": {"width": 1}}}
    text = page(content)

    assert rows(text, "<modality>.triplet")["dimension"][-2:] == ["", ""]
    provocation = rows(text, "failure_modes.provocations.<name>")
    assert provocation["key"][-1] == "x"
    assert provocation["settings"][-1] == '`{"width": 1}`'


def test_a_value_cannot_end_its_cell(content: dict[str, Any]) -> None:
    text = page(content | {"generator": content["generator"] | {"optimizer": "a|b"}})

    assert '| text | `"a\\|b"` |' in text
