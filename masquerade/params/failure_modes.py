"""Section failure_modes: short training runs that fail."""

from typing import Annotated, Any

from pydantic import Field

from masquerade.params.generator import GeneratorName
from masquerade.section import Section, Several, SquaredDistance

FileName = Annotated[str, Field(pattern=r"^\w[\w '-]*$", max_length=80)]


class Provocation(Section):
    """What one row of Table 5 changes in the generator's settings."""

    alpha: SquaredDistance = Field(description="generator.alpha of this run.")
    settings: dict[str, Any] = Field(description="What differs from the generator's own settings.")


class FailureModes(Section):
    """Table 5: short training runs without altered copies."""

    generator: GeneratorName = Field(description="The generator that fails.")
    images: Several = Field(description="Largest number of training images.")
    provocations: dict[FileName, Provocation] = Field(description="What each run changes, by its name in Table 5.")
