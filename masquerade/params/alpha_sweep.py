"""Section alpha_sweep: a short training run for each α."""

from typing import Annotated, Any

from pydantic import Field

from masquerade.params.generator import GeneratorName
from masquerade.params.modality import ModalityName
from masquerade.section import Distance, Section, Several, SquaredDistance


class AlphaSweep(Section):
    """Fig. 12: a short training run for each α."""

    modalities: list[ModalityName] = Field(description="Modalities that are swept.")
    generator: GeneratorName = Field(description="The generator that is trained.")
    alphas: Annotated[list[SquaredDistance], Field(min_length=1, max_length=100)] = Field(description="Values of α.")
    images: Several = Field(description="Largest number of training images, before they are copied.")
    settings: dict[str, Any] = Field(description="What differs from the generator's own settings.")
    distance: Distance = Field(description="d_img that the figure shows.")
    shown: str = Field(description="Class that the figure shows.")
