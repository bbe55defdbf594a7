"""Image distances d_img of Section 3.2, a module each; one function serves both as loss and for reports."""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from inspect import signature
from pkgutil import iter_modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keras import KerasTensor

ImageDistance = Callable[["KerasTensor", "KerasTensor"], "KerasTensor"]

NAMES = tuple(sorted({module.name for module in iter_modules(__path__)} - {"embedding"}))
"""Names of all d_img; d_F is in the module ``embedding``."""


def distance(name: str, beta: float = 0.5) -> ImageDistance:
    """Return the distance called ``name``, one of :data:`NAMES`; only ``combined`` uses ``beta`` (Eq. 18)."""
    function = getattr(import_module(f"{__package__}.{name}"), name)
    return partial(function, beta=beta) if "beta" in signature(function).parameters else function
