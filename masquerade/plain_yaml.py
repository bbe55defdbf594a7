"""Plain YAML: no anchors, aliases or tags, with which a few lines can expand without end."""

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer, ComposerError
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import ScalarEvent

from masquerade.errors import InputError

DEPTH = 20
"""Levels of nesting; params.yaml has five."""

LENGTH = 1000
"""Characters of one value or key."""


class _PlainComposer(Composer):
    """Refuses a node before anything is built from it."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.parser.peek_event()
        refusal = None
        if event.anchor:
            refusal = "anchors (&) and aliases (*) are not accepted"
        elif event.tag:
            refusal = "tags (!) are not accepted"
        elif isinstance(event, ScalarEvent) and len(event.value) > LENGTH:
            refusal = f"a value is longer than {LENGTH} characters"
        elif self.depth == DEPTH:
            refusal = f"nested more than {DEPTH} levels deep"
        if refusal:
            raise ComposerError(None, None, refusal, event.start_mark)
        return super().compose_node(parent, index)


def read_yaml(path: Path) -> Any:
    """Read a YAML file as :func:`parse_yaml` does.

    Raises:
        InputError: the file cannot be read, or its text is not accepted.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:  # no UTF-8
        raise InputError(f"{path}: is not valid YAML: {' '.join(str(error).split())}") from error
    return parse_yaml(text, path)


def parse_yaml(text: str, source: str | Path) -> Any:
    """Read YAML 1.2, as DVC does: 1e-4 is a number and a repeated key is an error.

    Args:
        source: where the text comes from, for people.

    Raises:
        InputError: the text is not YAML, or has anchors, aliases, tags, more than :data:`DEPTH` levels or a value of
            more than :data:`LENGTH` characters.
    """
    yaml = YAML(typ="safe", pure=True)
    yaml.Composer = _PlainComposer
    try:
        return yaml.load(text)
    except (YAMLError, ValueError) as error:  # ValueError: a date such as 2026-02-30
        raise InputError(f"{source}: is not valid YAML: {' '.join(str(error).split())}") from error
