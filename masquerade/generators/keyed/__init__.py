"""Unlinkable without its key: T = veil(lock(F(X))), the veiled decoder behind a lock. Not in the paper."""

from masquerade.generators.base import Kind

KIND = Kind(
    name="keyed",
    title="keyed (ours)",
    description="The decoder of the veiled generator, which paints F(X) only after a rotation that a secret key gives. "
    "Whoever lacks the key learns nothing from T; whoever has it compares T with a plain probe. Not in the paper.",
    colour="#9467bd",
    shared=set(),
    panels={"variance": "share of the variance", "eer": "EER of training images"},
    outcome={"components": "{:.0f} components", "variance": "{:.1%} of the variance"},
    source="veiled",
)
