"""Image distances d_img of Section 3.2: a module each, with a function of its name that is both loss and report."""

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
"""Every d_img there is; d_F is the module ``embedding``."""


def distance(name: str, beta: float = 0.5) -> ImageDistance:
    """Return one of :data:`NAMES`, with ``beta`` bound where it has one (Eq. 18)."""
    function = getattr(import_module(f"{__package__}.{name}"), name)
    return partial(function, beta=beta) if "beta" in signature(function).parameters else function
