"""Section veiled of a modality: the generator that sees only the embedding."""

from typing import Annotated

from pydantic import Field, model_validator

from masquerade.generators import base
from masquerade.section import (
    BatchSize,
    Count,
    Grain,
    Positive,
)


class Settings(base.Settings):
    """The generator that sees only the embedding: T = C + η·N(F(X)) + ε·S·tanh(U(F(X)))."""

    carrier: str = Field(description="C: noise, or the file of a cover image; η and ε dim it.")
    carrier_grain: Grain = Field(description="Side of the noise squares in pixels.")
    noise: Annotated[float, Field(ge=0, le=0.4)] = Field(
        description="η, amplitude of noise that no two embeddings share; it leaves room for ε."
    )
    grain: Grain = Field(description="Side in pixels of the blocks that U paints; must divide image_size.")
    scramble: bool = Field(description="Signs S that cancel out in each block, so that U can draw no shape.")
    width: Annotated[int, Field(ge=1, le=1024)] = Field(description="Filters of the decoder U at its smallest size.")
    batch_size: BatchSize = Field(description="Embeddings in a batch.")
    learning_rate: Positive = Field(
        description="Learning rate of Adam; rises for a tenth of the steps, then a cosine schedule."
    )
    steps: Count = Field(description="Batches at most, each of new mixtures of training embeddings.")

    @property
    def files(self) -> list[str]:
        return [] if self.carrier == "noise" else [self.carrier]

    def check(self, image_size: int) -> None:
        if image_size % self.grain:
            raise ValueError(f"image_size {image_size} is not a multiple of veiled.grain = {self.grain}")

    @model_validator(mode="after")
    def _fits(self) -> "Settings":
        if self.steps * self.batch_size > 1_000_000:  # the mixtures of an epoch, a tenth of them, are drawn at once
            raise ValueError(f"steps {self.steps} of batch_size {self.batch_size} are more than 1000000 embeddings")
        return self
