"""The JSON schema of params.yaml: what editors, error sentences and docs/parameters.md know about a key."""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from masquerade.params.root import with_modalities


class _Schema(GenerateJsonSchema):
    def field_title_should_be_set(self, schema: Any) -> bool:
        return False  # "Pi Emb" tells an editor's reader nothing


@cache
def schema() -> dict[str, Any]:
    """Return the JSON schema of params.yaml."""
    one = with_modalities(["any"]).model_json_schema(schema_generator=_Schema)
    section = one["properties"].pop("any")  # whatever its name
    one["required"].remove("any")
    return {"$schema": _Schema.schema_dialect} | one | {"additionalProperties": section}


def schema_text() -> str:
    """Return the content of params.schema.json."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def resolved(node: Mapping[str, Any], root: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
    """Return what a part of a schema refers to, without null; its own keys take precedence.

    Args:
        root: the whole schema, by default that of params.yaml.
    """
    definitions = (root or schema()).get("$defs", {})
    while True:
        match node:
            case {"$ref": str(reference), **own}:
                node = {**definitions[reference.rpartition("/")[2]], **own}
            case {"anyOf": [one, {"type": "null"}], **own}:
                node = {**one, **own}
            case _:
                return node


def schema_at(place: Iterable[str | int], root: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
    """Return the schema of the value that the keys and indices lead to.

    Args:
        root: the whole schema, by default that of params.yaml.

    Raises:
        KeyError: there is no such value.
    """
    node: Mapping[str, Any] = root or schema()
    for key in place:
        match node:
            case {"properties": properties} if key in properties:
                node = resolved(properties[key], root)
            case {"items": item} | {"additionalProperties": item}:
                node = resolved(item, root)
            case {"patternProperties": patterns}:  # a name that breaks the pattern is an error of its own
                (item,) = patterns.values()
                node = resolved(item, root)
            case _:
                raise KeyError(key)
    return node


def wanted(number: Mapping[str, Any]) -> str:
    """Say which numbers a schema accepts, such as "an integer from 1 to 6"."""
    match number:
        case {"errorMessage": words}:
            return words
        case {"type": "integer", "minimum": least, "maximum": most}:
            return f"an integer from {least} to {most}"
        case {"minimum": least, "maximum": most}:
            return f"between {least} and {most}"
        case {"exclusiveMinimum": least, "exclusiveMaximum": most}:
            return f"between {least} and {most}, both excluded"
        case {"exclusiveMinimum": least, "maximum": most}:
            return f"above {least} and at most {most}"
        case {"minimum": least, "exclusiveMaximum": most}:
            return f"at least {least} and below {most}"
        case {"type": "number", "exclusiveMinimum": least}:
            return f"a finite number above {least}"
    raise ValueError(f"no words for the range {dict(number)}")
