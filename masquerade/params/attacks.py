"""Section attacks: what the attackers may spend."""

from typing import Annotated

from pydantic import Field

from masquerade.section import Section, Several


class Attacks(Section):
    """What attackers who know F may spend. Those who learn have images of people who are not attacked."""

    draws: Annotated[int, Field(ge=1, le=1000)] = Field(description="Draws of secret keys behind the linkability.")
    examples: list[Several] = Field(
        description="Numbers of images with their templates that an attacker learns from; finally all there are."
    )
    inversion_steps: Annotated[int, Field(ge=0, le=1000)] = Field(
        description="Gradient steps through F on each image that an attacker rebuilds."
    )
    renewals: Annotated[int, Field(ge=1, le=100)] = Field(
        description="Renewals of a template in a row, at most; they end once the EER has risen by 0.3 points."
    )
