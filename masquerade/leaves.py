"""Values of nested mappings by their paths."""

from collections.abc import Iterator, Mapping
from typing import Any


def leaves(content: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each path, keys joined with dots such as ``unet.real_template.eer``, and its value.

    An empty mapping counts as a value.

    Args:
        above: prefix of every path, including its dot.
    """
    for key, value in content.items():
        if isinstance(value, Mapping) and value:
            yield from leaves(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value
