"""Section alpha_sweep: a training for each α."""

from typing import Annotated

from pydantic import Field

from masquerade.section import Epochs, Section, Several, SquaredDistance


class AlphaSweep(Section):
    """Fig. 12, a short training on the digits for each α, without altered copies."""

    alphas: Annotated[list[SquaredDistance], Field(min_length=1, max_length=100)] = Field(description="Values of α.")
    pictures: Several = Field(description="Training pictures, at most.")
    epochs: Epochs = Field(description="Passes over the training pictures.")
    digit: str = Field(description="Class that the figure shows.")
