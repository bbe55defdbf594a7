"""The kinds of generator G, a folder each; params.yaml says which are trained."""

from importlib import import_module
from pkgutil import iter_modules

from masquerade.generators.base import Kind

NAMES = tuple(sorted(module.name for module in iter_modules(__path__) if module.ispkg))
"""Names of all kinds."""


def kind(name: str) -> Kind:
    """Return one of :data:`NAMES`; raise KeyError for any other name."""
    if name not in NAMES:
        raise KeyError(name)
    found: Kind = import_module(f"{__package__}.{name}").KIND
    return found
