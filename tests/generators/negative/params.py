"""Section negative of a modality."""

from pydantic import Field

from masquerade.generators import base
from masquerade.section import Share


class Settings(base.Settings):
    """The negative."""

    white: Share = Field(description="What a black pixel becomes.")
