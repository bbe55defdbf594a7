"""Section unet of a modality: the paper's generator."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from masquerade.generators import base
from masquerade.section import BatchSize, Count, Distance, Epochs, Filters, Positive, Section, Share

Normalisation = Literal["none", "batch", "group"]


class Loss(Section):
    """The loss of the U-Net, Eq. 7."""

    distance: Distance = Field(description="d_img, the distance of images.")
    pi_emb: Share = Field(description="Weight of the embedding loss, π_emb.")
    warm_up: Share = Field(
        default=0.0, description="Share of the epochs that train with warm_up_pi_emb first; the paper has none."
    )
    warm_up_pi_emb: Share = Field(default=0.0, description="π_emb of these epochs.")
    share_of_alpha: Share = Field(default=1.0, description="Share of α that the training aims at; 1 in the paper.")


class Training(Section):
    """The training of the U-Net."""

    batch_size: BatchSize = Field(description="Images in a batch.")
    learning_rate: Positive = Field(description="Learning rate of the first step.")
    schedule: Literal["constant", "cosine"] = Field(
        description="Schedule of the learning rate; cosine ends at 0 in the last step."
    )
    epochs: Epochs = Field(description="Passes over the training images and their altered copies.")
    steps: Count | None = Field(
        description="Largest number of batches in an epoch, with other images in each epoch; null: all of them."
    )
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
