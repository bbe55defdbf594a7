"""Section judge: the classifier that tries to read templates."""

from typing import Literal

from pydantic import Field

from masquerade.section import BatchSize, BelowHalf, Count, Epochs, Filters, Positive, Section


class Judge(Section):
    """The classifier that tries to read templates; never part of a training of G."""

    width: Filters = Field(description="Filters of the first convolution.")
    least_pictures: Count = Field(description="Training pictures a class needs at least for the judge to learn it.")
    shift: BelowHalf = Field(description="A picture is moved by up to this share of its side in every pass.")
    turn: BelowHalf = Field(description="A picture is turned by up to this share of a full circle.")
    zoom: BelowHalf = Field(description="A picture is made larger or smaller by up to this share.")
    mirror: bool = Field(description="Mirror half of the pictures.")
    batch_size: BatchSize = Field(description="Pictures in a batch, each in one of the views.")
    learning_rate: Positive = Field(
        description="Learning rate of Adam; rises for a tenth of the steps, then a cosine schedule."
    )
    epochs: Epochs = Field(description="Passes over the pictures.")
    pretrained: Literal["dlib", "facenet"] | None = Field(
        description="A second judge, other than the embedder; null: none."
    )
    detector: Literal["mtcnn"] | None = Field(description="Detector that looks for faces; null: none.")
