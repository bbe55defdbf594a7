"""Section attacks: what the attackers may spend."""

from typing import Annotated

from pydantic import Field

from masquerade.section import Section


class Attacks(Section):
    """What the attackers may spend."""

    renewals: Annotated[int, Field(ge=1, le=100)] = Field(
        description="Renewals of a template in a row, at most; they end once the EER has risen by 0.3 points."
    )
