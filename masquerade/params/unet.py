"""Sections unet, loss and training: the paper's generator."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from masquerade.section import BatchSize, Count, Epochs, Filters, Positive, Refinement, Section, Share

Normalisation = Literal["none", "batch", "group"]
Distance = Literal["hamming", "euclidean", "mse", "dssim", "sobel", "combined"]


class UNet(Section):
    """The paper's generator, Fig. 10."""

    width: Filters = Field(description="Filters of the first level; doubled at every level, up to 4096.")
    depth: Annotated[int, Field(ge=1, le=6)] = Field(description="Times the picture is halved.")
    normalisation: Normalisation = Field(description="Normalisation behind each convolution.")
    refinement: Refinement = Field(
        default=0, description="Gradient steps on each template's pixels at enrolment; the paper has none."
    )

    @model_validator(mode="after")
    def _fits(self) -> "UNet":
        if self.width * 2**self.depth > 4096:
            raise ValueError(f"width {self.width}, doubled depth = {self.depth} times, is more than 4096 filters")
        return self


class Loss(Section):
    """The loss of the U-Net, Eq. 7."""

    distance: Distance = Field(description="d_img, the distance of pictures.")
    pi_emb: Share = Field(description="Weight of the embedding loss, π_emb.")
    warm_up: Share = Field(
        default=0.0, description="Share of the epochs that train with warm_up_pi_emb first; the paper has none."
    )
    warm_up_pi_emb: Share = Field(default=0.0, description="π_emb of these epochs.")
    margin: Share = Field(default=1.0, description="Share of α that the training aims at; 1 in the paper.")
    beta: Share = Field(description="Weight of hamming in combined (Eq. 18).")


class Training(Section):
    """The training of the U-Net."""

    batch_size: BatchSize = Field(description="Pictures in a batch.")
    learning_rate: Positive = Field(description="Learning rate of the first step.")
    schedule: Literal["constant", "cosine"] = Field(
        description="Course of the learning rate; cosine goes down to 0 at the last step."
    )
    epochs: Epochs = Field(description="Passes over the training pictures and their copies.")
    steps: Count | None = Field(
        description="Batches of an epoch at most, with other pictures in each epoch; null: all of them."
    )
    copies: Annotated[int, Field(ge=0, le=100)] = Field(
        description="Altered copies of each training picture beside it; the paper has none."
    )
    shift: Annotated[int, Field(ge=0, le=512)] = Field(description="Pixels a copy is moved at most.")
    mirror: bool = Field(description="Mirror half of the copies.")
    jit_compile: bool = Field(description="Compile the training step with XLA; JAX always does.")

    def seen(self, pictures: int) -> int:
        """Return how many pictures a training with that many goes through, copies and repetitions counted."""
        available = (1 + self.copies) * pictures
        return self.epochs * (available if self.steps is None else min(available, self.steps * self.batch_size))
