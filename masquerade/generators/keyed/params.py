"""Section keyed of a modality: the space in which a key rotates an embedding."""

from typing import Annotated

from pydantic import Field

from masquerade.generators import base
from masquerade.section import Share


class Settings(base.Settings):
    """The veiled decoder behind a lock: T = veil(unit(V·D·R·D⁻¹·Vᵀ·F(X)))."""

    components: Annotated[int, Field(ge=2, le=4096)] = Field(
        description="k, leading principal components V of the training embeddings that a key rotates."
    )
    whitening: Share = Field(description="w of D = λ^(w/2), λ the variances of the components: 0 none, 1 full.")
