"""What a number belongs to: whose templates, and what was compared with what."""

from typing import NamedTuple

REAL = "real"
"""Stands for a generator where real images are compared with real ones."""

REAL_REAL, REAL_TEMPLATE, TEMPLATE_TEMPLATE = "real-real", "real-template", "template-template"
OWN_TEMPLATE = "own-template"
"""Each image with its own template; all the others compare two different images."""


class Arm(NamedTuple):
    """One comparison of one generator, a row of every long table.

    Attributes:
        generator: its name, or :data:`REAL`.
        comparison: one of the constants above.
    """

    generator: str
    comparison: str

    @property
    def metric(self) -> str:
        """Its name in JSON and in MLflow, such as ``real_real`` or ``unet.real_template``."""
        name = self.comparison.replace("-", "_")
        return name if self.generator == REAL else f"{self.generator}.{name}"

    @property
    def title(self) -> str:
        """Its name for people, such as ``real – unet``."""
        if self.comparison == OWN_TEMPLATE:
            return f"real – own {self.generator}"
        return self.comparison.replace("-", " – ").replace("template", self.generator)


BASELINE = Arm(REAL, REAL_REAL)
"""What every generator is measured against: no templates at all."""
