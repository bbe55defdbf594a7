"""Reads params.yaml; one sentence for each wrong value."""

from collections.abc import Mapping
from pathlib import Path
from reprlib import repr as shortened
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from masquerade.errors import InputError
from masquerade.params.root import Params, with_modalities
from masquerade.params.schema import schema_at, wanted
from masquerade.plain_yaml import read_yaml
from masquerade.section import Section

_WRONG_NUMBER = {
    "int_type",
    "float_type",
    "finite_number",
    "greater_than",
    "greater_than_equal",
    "less_than",
    "less_than_equal",
}


def load_params(path: str | Path = "params.yaml") -> Params:
    """Read and validate the parameter file.

    Raises:
        InputError: the file is missing, is not YAML, or a key is unknown, missing, of a wrong type or out of range;
            the message names the file and each such key.
    """
    return checked(read_yaml(Path(path)), Path(path))


def checked(content: Any, path: Path) -> Params:
    """Validate the content of a parameter file, as :func:`load_params` does; ``path`` is what the message names."""
    params = validated(with_modalities(named_modalities(content)), content, path)
    for key, modality, generator, changes in params.variations():
        try:
            params.modality(modality).settings(generator).changed(changes)
        except ValidationError as error:
            sentences = (sentence(item, key, (modality, generator)) for item in error.errors())
            raise InputError(f"{path}: " + "; ".join(sentences)) from error
    return params


SectionType = TypeVar("SectionType", bound=Section)


def validated(
    kind: type[SectionType], content: object, path: Path, schema: Mapping[str, Any] | None = None
) -> SectionType:
    """Validate the content of a YAML file as a section; raise :class:`InputError` as :func:`load_params` does.

    Args:
        schema: of ``kind``, by default that of params.yaml.
    """
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        sentences = (sentence(item, schema=schema) for item in error.errors())
        raise InputError(f"{path}: " + "; ".join(sentences)) from error


def named_modalities(content: Any) -> list[str]:
    """Return the names in the list ``modalities`` that can be sections; validation says what is wrong with others."""
    names = content.get("modalities") if isinstance(content, dict) else None
    return [
        name
        for name in (names if isinstance(names, list) else [])
        if isinstance(name, str) and name.isidentifier() and name[0] != "_" and name not in Params.model_fields
    ]


def sentence(
    item: ErrorDetails, under: str = "", at: tuple[str, ...] = (), schema: Mapping[str, Any] | None = None
) -> str:
    """Say in one sentence which key is wrong and what it must be.

    Args:
        under: key that the location of the error is relative to, for people.
        at: the same for the schema.
        schema: that of params.yaml by default.
    """
    key = " ".join(".".join([under] * bool(under) + [str(part) for part in item["loc"]]).split()) or "the file"
    match item["type"]:
        case "extra_forbidden":
            return f"{key}: unknown key"
        case "missing":
            return f"{key}: missing"
        case "value_error" if not item["loc"]:  # concerns several sections; the sentence names its key itself
            return str(item["ctx"]["error"])
        case "value_error":
            return f"{key}: {item['ctx']['error']}"
        case kind if kind in _WRONG_NUMBER:  # pydantic names one bound, or none; the schema knows both
            return f"{key}: must be {wanted(schema_at((*at, *item['loc']), schema))}, got {shortened(item['input'])}"
        case _ if item["msg"].startswith("Input should be "):
            return f"{key}: must be {item['msg'].removeprefix('Input should be ')}, got {shortened(item['input'])}"
        case _:
            return f"{key}: {item['msg']}"
