"""Section triplet: the embedder trained here."""

from typing import Annotated, Literal

from pydantic import Field

from masquerade.section import BelowHalf, Epochs, Positive, Section


class Triplet(Section):
    """Section 4.2 and Fig. 9: the embedder trained here."""

    hidden: Annotated[int, Field(ge=1, le=16384)] = Field(description="Neurons of the hidden layer.")
    dimension: Annotated[int, Field(ge=3, le=4096)] = Field(description="Neurons of the output, m.")
    margin: Positive = Field(description="μ of Eq. 4, a squared distance of unit vectors.")
    mining: Literal["all", "semi_hard", "random"] = Field(
        description="Which triplets of a batch are trained on; random is Algorithm 1."
    )
    shift: BelowHalf = Field(
        description="Images are moved at random by up to this share of their side; 0: not at all, as in the paper."
    )
    batch_size: Annotated[int, Field(ge=2, le=512)] = Field(description="Images in a batch; mining compares all pairs.")
    learning_rate: Positive = Field(description="Learning rate of Adam.")
    epochs: Epochs = Field(description="Passes over the training half.")
