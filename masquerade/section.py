"""The base class of the sections of params.yaml, and types of values that several of them share.

The package :mod:`masquerade.params` imports all sections, some of which live beside the code they configure. This
module is outside it to avoid a circular import.
"""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from masquerade.distances import NAMES


class Section(BaseModel):
    """A part of params.yaml.

    An integer is accepted as a float, but 1.0 is not an integer and ``true`` is not a number. NaN, infinity and unknown
    keys are refused. Nothing can be changed after loading.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


Share = Annotated[float, Field(ge=0, le=1)]
OpenShare = Annotated[float, Field(gt=0, lt=1)]
BelowHalf = Annotated[float, Field(ge=0, lt=0.5)]
Positive = Annotated[float, Field(gt=0)]
Seed = Annotated[int, Field(ge=0, le=2**32 - 1)]
SquaredDistance = Annotated[float, Field(ge=0, le=4)]
"""Of two unit vectors."""

# Upper bounds, far above useful values: a typo must not fill the memory or run for ever.
Count = Annotated[int, Field(ge=1, le=1_000_000)]
Several = Annotated[int, Field(ge=2, le=1_000_000)]
Resamplings = Annotated[int, Field(ge=2, le=10_000)]
Parts = Annotated[int, Field(ge=2, le=1000)]
BatchSize = Annotated[int, Field(ge=1, le=4096)]
Epochs = Annotated[int, Field(ge=1, le=10_000)]
Filters = Annotated[int, Field(ge=1, le=256)]
Grain = Annotated[int, Field(ge=1, le=512)]
Refinement = Annotated[int, Field(ge=0, le=1000)]

if TYPE_CHECKING:
    Distance = str
else:  # a type checker cannot read it, pydantic can
    Distance = Literal[NAMES]
"""Names of d_img."""
