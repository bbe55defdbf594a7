"""What lies in nested mappings, by its path."""

from collections.abc import Iterator, Mapping
from typing import Any


def leaves(content: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each value behind its keys joined with dots, such as ``unet.real_template.eer``.

    An empty mapping is a value itself.

    Args:
        above: what every path begins with, its dot included.
    """
    for key, value in content.items():
        if isinstance(value, Mapping) and value:
            yield from leaves(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value
