"""Section judge: the classifier that tries to identify templates."""

from typing import Literal

from pydantic import Field

from masquerade.section import BatchSize, BelowHalf, Count, Epochs, Filters, Positive, Section


class Judge(Section):
    """The classifier that tries to identify templates; G is never trained against it."""

    width: Filters = Field(description="Filters of the first convolution.")
    least_images: Count = Field(description="Smallest number of training images of a class that the judge learns.")
    shift: BelowHalf = Field(description="Images are moved by up to this share of their side in every pass.")
    turn: BelowHalf = Field(description="Images are turned by up to this share of a full circle.")
    zoom: BelowHalf = Field(description="Images are made larger or smaller by up to this share.")
    mirror: bool = Field(description="Mirror half of the images.")
    batch_size: BatchSize = Field(description="Images in a batch, each in one of the views.")
    learning_rate: Positive = Field(
        description="Learning rate of Adam; rises for a tenth of the steps, then a cosine schedule."
    )
    epochs: Epochs = Field(description="Passes over the images.")
    pretrained: Literal["dlib", "facenet"] | None = Field(
        description="Pretrained network as one more judge besides cnn and hog; not the embedder; null: none."
    )
    detector: Literal["mtcnn"] | None = Field(description="Detector that looks for faces; null: none.")
