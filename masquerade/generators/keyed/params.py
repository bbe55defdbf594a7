"""Section keyed of a modality: the space in which a key rotates an embedding."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from masquerade.generators import base
from masquerade.section import Share

LEAST, MOST = 2, 4096
"""Components that may be asked for."""

Count = Annotated[int, Field(ge=LEAST, le=MOST)]


def _components(value: object) -> object:
    """Pydantic itself would complain twice, once for each type."""
    if value == "auto" or (isinstance(value, int) and not isinstance(value, bool) and LEAST <= value <= MOST):
        return value
    raise ValueError(f"must be auto or an integer from {LEAST} to {MOST}, got {value!r}")


class Settings(base.Settings):
    """The veiled decoder behind a lock: T = veil(unit(V·D·R·D⁻¹·Vᵀ·F(X)))."""

    components: Annotated[Count | Literal["auto"], BeforeValidator(_components)] = Field(
        description="k, leading principal components V of the training embeddings that a key rotates; auto: as many as "
        "hold 99 % of the variance."
    )
    whitening: Share = Field(description="w of D = λ^(w/2), λ the variances of the components: 0 none, 1 full.")
