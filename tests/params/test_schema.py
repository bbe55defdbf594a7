from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import Field, TypeAdapter

from masquerade.params.schema import resolved, schema, schema_at, schema_text, wanted

ROOT = Path(__file__).parents[2]


def keys(node: Any) -> Iterator[tuple[str, Any]]:
    """Every key of every section."""
    for section in (node, *node["$defs"].values()):
        for key, value in section["properties"].items():
            yield f"{section['title']}.{key}", value


def test_committed_schema_is_that_of_the_models() -> None:
    committed = (ROOT / "params.schema.json").read_text(encoding="utf-8")

    assert committed == schema_text(), "run `make parameters`"
    assert "$schema=params.schema.json\n" in (ROOT / "params.yaml").read_text(encoding="utf-8").splitlines(True)[0]


def test_every_key_is_described_in_one_line() -> None:
    described = {key: resolved(value).get("description", "") for key, value in keys(schema())}

    assert len(described) > 80
    assert [key for key, words in described.items() if not words.endswith((".", ")).")) or "\n" in words] == []


def test_a_key_leads_to_its_own_schema() -> None:
    assert schema_at(["digits", "training", "steps"])["maximum"] == 1_000_000
    assert schema_at(["faces", "triplet", "dimension"])["minimum"] == 3
    assert schema_at(["alpha_sweep", "alphas", 2])["maximum"] == 4
    assert schema_at(["failure_modes", "provocations", "blank", "epochs", "digits"])["maximum"] == 10_000
    assert schema_at(["faces", "triplet"])["description"].startswith("The embedder trained here; only")
    with pytest.raises(KeyError):
        schema_at(["seed", "x"])


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (Annotated[int, Field(ge=1, le=6)], "an integer from 1 to 6"),
        (Annotated[float, Field(ge=0, le=4)], "between 0 and 4"),
        (Annotated[float, Field(gt=0, lt=1)], "between 0 and 1, both excluded"),
        (Annotated[float, Field(gt=0, le=178)], "above 0 and at most 178"),
        (Annotated[float, Field(ge=0, lt=0.5)], "at least 0 and below 0.5"),
        (Annotated[float, Field(gt=0)], "a finite number above 0"),
        (Annotated[float, Field(gt=0, le=1, json_schema_extra={"errorMessage": "little"})], "little"),
    ],
)
def test_words_for_a_range(number: Any, words: str) -> None:
    assert wanted(TypeAdapter(number).json_schema()) == words


@pytest.mark.parametrize("number", [int, float, str, Annotated[int, Field(gt=0)]])
def test_a_range_without_words_is_refused(number: Any) -> None:
    with pytest.raises(ValueError, match="no words"):
        wanted(TypeAdapter(number).json_schema())
