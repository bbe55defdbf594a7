"""What every section of params.yaml is, and the kinds of numbers that several have.

Not in :mod:`masquerade.params`, which imports all sections: a section may live beside the code that it is for.
"""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from masquerade.distances import NAMES


class Section(BaseModel):
    """A part of params.yaml.

    A whole number does for a float, but 1.0 is no integer, ``true`` is no number, NaN and infinity are refused, and so
    are keys that the section does not have. Nothing can be changed after loading.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


Share = Annotated[float, Field(ge=0, le=1)]
OpenShare = Annotated[float, Field(gt=0, lt=1)]
BelowHalf = Annotated[float, Field(ge=0, lt=0.5)]
Positive = Annotated[float, Field(gt=0)]
SquaredDistance = Annotated[float, Field(ge=0, le=4)]
"""Of two unit vectors."""

# A slip of the finger must not fill the memory or run for ever; the upper bounds are far above what is of use.
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
