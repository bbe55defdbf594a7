"""A toy: dark for light, no training."""

from masquerade.generators.base import Kind

KIND = Kind(
    name="negative",
    title="Negative",
    description="Dark for light.",
    colour="#2ca02c",
    panels={"loss": "nothing to learn"},
)
