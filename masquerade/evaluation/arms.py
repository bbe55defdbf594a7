"""What a number belongs to: a generator and a comparison."""

from typing import NamedTuple

REAL = "real"
"""Takes the place of a generator where real images are compared with each other."""

REAL_REAL, REAL_TEMPLATE, TEMPLATE_TEMPLATE = "real-real", "real-template", "template-template"
OWN_TEMPLATE = "own-template"
"""Each image with its own template; all other comparisons are of two different images."""


class Arm(NamedTuple):
    """One comparison of one generator: a row of the long tables.

    Attributes:
        generator: name of the generator, or :data:`REAL`.
        comparison: one of the constants above.
    """

    generator: str
    comparison: str

    @property
    def metric(self) -> str:
        """The name in JSON and in MLflow, such as ``real_real`` or ``unet.real_template``."""
        name = self.comparison.replace("-", "_")
        return name if self.generator == REAL else f"{self.generator}.{name}"

    @property
    def title(self) -> str:
        """The name for people, such as ``real – unet``."""
        if self.comparison == OWN_TEMPLATE:
            return f"real – own {self.generator}"
        return self.comparison.replace("-", " – ").replace("template", self.generator)


BASELINE = Arm(REAL, REAL_REAL)
"""The baseline of all generators: no templates."""
