"""Text from outside, such as a class name, as Markdown that shows it literally."""

import re

from markupsafe import Markup

_ACTIVE = re.compile(r"""[\x00-\x1f\x7f!"#$&*<>\[\\\]^`{|}~]|(?<![^\W_])_|_(?![^\W_])""")
"""Characters that may start markup; an underscore between letters does not."""


def escape(value: object) -> Markup:
    """Replace possible markup by character references, which mean the same in every kind of Markdown and in HTML.

    A ``Markup`` is Markdown already and stays as it is.
    """
    if isinstance(value, Markup):
        return value
    return Markup(_ACTIVE.sub(lambda match: f"&#{ord(match[0])};", str(value)))  # noqa: S704


def fenced(text: str, language: str) -> Markup:
    """Make a code block of text, with a fence longer than any row of backticks in it."""
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return Markup(f"{fence}{language}\n{text}\n{fence}")  # noqa: S704
