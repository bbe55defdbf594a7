"""Attackers, a module each: what each of them knows, what it wants and what it may spend."""

from importlib import import_module

from masquerade.attacks.finding import Attack

NAMES = (
    "linkability", "inversion", "distillation", "key_recovery", "multiplicity", "renewability", "oracles"
)  # fmt: skip
"""Names of the attacks, modules of this package and stages, in the order of the report."""


def attack(name: str) -> Attack:
    """Return how reports show one of :data:`NAMES`."""
    found: Attack = import_module(f"{__name__}.{name}").ATTACK
    return found
