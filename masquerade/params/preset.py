"""params.yaml with other values: those of a preset, conf/<name>.yaml, or single ones."""

from collections.abc import Iterable, MutableMapping
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.representer import RoundTripRepresenter

from masquerade.errors import InputError
from masquerade.params.load import checked
from masquerade.plain_yaml import parse_yaml, read_yaml

PRESETS = Path("conf")


def with_settings(text: str, settings: Iterable[str]) -> str:
    """Return the text of params.yaml, comments included, with settings that are made one after the other.

    Args:
        text: of params.yaml.
        settings: each the name of a preset, such as ``paper-scale``, or a value, such as ``generator.alpha=0.3``.

    Raises:
        InputError: there is no such preset, or its values are not valid; the message names the setting and the key.
    """
    yaml = YAML()
    yaml.Representer = _Representer
    yaml.width = 120
    content = yaml.load(text)
    for setting in settings:
        key, equals, value = setting.partition("=")
        source = Path(setting if equals else PRESETS / f"{setting}.yaml")
        changes = _nested(key, parse_yaml(value, setting)) if equals else read_yaml(source)
        if not isinstance(changes, dict):
            raise InputError(f"{source}: must be sections of params.yaml with the values that differ")
        _merge(content, changes)
        stream = StringIO()
        yaml.dump(content, stream)
        text = stream.getvalue()
        checked(parse_yaml(text, source), source)
    return text


class _Representer(RoundTripRepresenter):
    """Writes ``null``, as the file does, not nothing."""


def _null(representer: RoundTripRepresenter, _: None) -> ScalarNode:
    return representer.represent_scalar("tag:yaml.org,2002:null", "null")


_Representer.add_representer(type(None), _null)


def _nested(key: str, value: Any) -> dict[str, Any]:
    for part in reversed(key.split(".")):
        value = {part: value}
    return value


def _merge(content: MutableMapping[str, Any], changes: dict[str, Any]) -> None:
    for key, value in changes.items():
        if isinstance(value, dict) and isinstance(content.get(key), MutableMapping):
            _merge(content[key], value)
        else:
            content[key] = value
