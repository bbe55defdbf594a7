"""Section unet of a modality: the paper's generator."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from masquerade.generators import base
from masquerade.section import BatchSize, Count, Distance, Filters, Positive, Section, Share

Normalisation = Literal["none", "batch", "group"]


def _weight(value: object) -> object:
    """Pydantic itself would complain twice, once for each type."""
    if value == "auto" or (isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1):
        return value
    raise ValueError(f"must be auto or between 0 and 1, got {value!r}")


class Loss(Section):
    """The loss of the U-Net, Eq. 7."""

    distance: Distance = Field(description="d_img, the distance of images.")
    pi_emb: Annotated[Share | Literal["auto"], BeforeValidator(_weight)] = Field(
        description="Weight of the embedding loss, π_emb; auto: found during the training, so that d_emb ≤ α for 95 %."
    )


class Training(Section):
    """The training of the U-Net."""

    batch_size: BatchSize = Field(description="Images in a batch.")
    learning_rate: Positive = Field(description="Learning rate; with pi_emb auto it falls to 0 at the end.")
    steps: Count = Field(description="Batches of the training; with pi_emb auto, at most.")
    jit_compile: bool = Field(description="Compile the training step with XLA; JAX always does.")


class Settings(base.Settings):
    """The paper's generator, Fig. 10."""

    width: Filters = Field(description="Filters of the first level; doubled at every level, up to 4096.")
    depth: Annotated[int, Field(ge=1, le=6)] = Field(description="Times the image is halved.")
    normalisation: Normalisation = Field(description="Normalisation after the second convolution of each level.")
    loss: Loss
    training: Training

    @property
    def compiled(self) -> bool:
        return self.training.jit_compile

    def check(self, image_size: int) -> None:
        if image_size % 2**self.depth:
            raise ValueError(f"image_size {image_size} cannot be halved unet.depth = {self.depth} times")

    @model_validator(mode="after")
    def _fits(self) -> "Settings":
        if self.width * 2**self.depth > 4096:
            raise ValueError(f"width {self.width}, doubled depth = {self.depth} times, is more than 4096 filters")
        return self
