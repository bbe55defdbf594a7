"""Section generator: settings of all generators of all modalities."""

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from masquerade.generators import NAMES
from masquerade.section import Section, Share, SquaredDistance

if TYPE_CHECKING:
    GeneratorName = str
else:
    GeneratorName = Literal[NAMES]


class Generator(Section):
    """Settings of all generators of all modalities."""

    alpha: SquaredDistance = Field(description="Margin of Eq. 9 on d_emb = ‖F(G(X)) − F(X)‖², for all modalities.")
    beta: Share = Field(description="Weight of hamming in the distance combined (Eq. 18).")
    optimizer: str = Field(description="Name of a Keras optimizer.")
