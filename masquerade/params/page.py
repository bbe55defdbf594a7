"""docs/parameters.md: every key with its meaning, its range and its value in params.yaml."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from masquerade.params.schema import resolved, schema, wanted

HEAD = """\
# Parameters

<!-- written by make parameters: the words come from masquerade/params, the values from params.yaml -->

Every key of [params.yaml](../params.yaml) with its committed value. `dvc exp run -S generator.alpha=0.4` tries another
one. Every stage checks them all before it starts. [params.schema.json](../params.schema.json) gives them to editors.
"""


def page(content: Mapping[str, Any]) -> str:
    """Return docs/parameters.md; sections of one kind, those of the modalities, share their tables.

    Args:
        content: params.yaml, valid.
    """
    keys: Mapping[str, Any] = schema()["properties"]
    plain = {key: node for key, node in keys.items() if "$ref" not in node}
    lines = [HEAD, *_table(plain, {"value": content})]
    modalities = {name: content[name] for name in content["modalities"]}
    lines += _section("<modality>", resolved(schema()["additionalProperties"]), modalities)
    for key, node in keys.items():
        if key not in plain:
            lines += _section(key, resolved(node), {"value": content[key]})
    return "\n".join(lines)


def _section(path: str, node: Mapping[str, Any], columns: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of a section and of those inside it.

    Args:
        path: the keys that lead to it.
        node: its schema.
        columns: name → content for each place where the section occurs; None where it is left out.
    """
    yield f"## `{path}`\n\n{' '.join(node['description'].split())}\n"
    plain, inside = {}, []
    for key, value in node["properties"].items():
        match resolved(value):
            case {"properties": _} as section:
                contents = {name: (content or {}).get(key) for name, content in columns.items()}
                inside.append((f"{path}.{key}", section, contents))
            case {"patternProperties": patterns}:
                (section,), (content,) = patterns.values(), columns.values()
                inside.append((f"{path}.{key}.<name>", resolved(section), content[key]))
            case _:
                plain[key] = value
    yield from _table(plain, columns)
    for part in inside:
        yield from _section(*part)


def _table(keys: Mapping[str, Any], columns: Mapping[str, Any]) -> Iterator[str]:
    yield _row(["key", "meaning", "range", *columns])
    yield _row(["---"] * (3 + len(columns)))
    for key, node in keys.items():
        values = [_value(content, key, node) for content in columns.values()]
        yield _row([f"`{key}`", resolved(node)["description"], _range(node), *values])
    yield ""


def _row(cells: Iterable[str]) -> str:
    escaped = (cell.replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(escaped)} |"


def _value(section: Mapping[str, Any] | None, key: str, node: Mapping[str, Any]) -> str:
    """Return the value as JSON; empty where the section or the key is left out."""
    if section is None or (key not in section and node["default"] is None):
        return ""
    return f"`{json.dumps(section.get(key, node.get('default')), ensure_ascii=False)}`"


def _range(node: Mapping[str, Any]) -> str:
    match node:
        case {"anyOf": [one, {"type": "null"}]}:
            return f"{_range(one)}, or `null`"
        case {"anyOf": [one, {"const": other}]}:
            return f"{_range(one)}, or `{other}`"
        case {"anyOf": [one, {"const": other}, {"type": "null"}]}:
            return f"{_range(one)}, `{other}`, or `null`"
        case {"enum": choices}:
            return ", ".join(f"`{choice}`" for choice in choices)
        case {"const": choice}:
            return f"`{choice}`"
        case {"type": "boolean"}:
            return "`true`, `false`"
        case {"type": "string"}:
            return "text"
        case {"prefixItems": items}:
            return f"{len(items)} values, each {_range(items[0])}"
        case {"items": item, "minItems": least, "maxItems": most}:
            return f"{least} to {most} values, each {_range(item)}"
        case {"items": item}:
            return f"a list, each {_range(item)}"
        case {"additionalProperties": True}:
            return "keys and ranges of the section"
        case {"additionalProperties": item}:
            return f"for each name {_range(item)}"
        case _:
            return wanted(node)
