"""Section generator: what holds for the generators of all modalities."""

from typing import Literal, get_args

from pydantic import Field

from masquerade.section import Section, SquaredDistance

GeneratorKind = Literal["unet", "veiled"]
GENERATORS: tuple[str, ...] = get_args(GeneratorKind)


class Generator(Section):
    """What holds for the generators of all modalities."""

    kind: GeneratorKind = Field(
        description="Whose templates the paper's tables show; the other's stand beside. unet is the paper's generator."
    )
    alpha: SquaredDistance = Field(description="Margin of Eq. 9 on d_emb = ‖F(G(X)) − F(X)‖², for all modalities.")
    optimizer: str = Field(description="Name of a Keras optimizer.")

    @property
    def kinds(self) -> list[str]:
        """All generators, the one the paper's tables show first."""
        return sorted(GENERATORS, key=lambda kind: kind != self.kind)
