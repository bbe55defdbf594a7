"""Section recognisability: what the judges are shown."""

from pydantic import Field

from masquerade.section import Count, Section, Several


class Recognisability(Section):
    """What judges that never saw G or F are shown."""

    images: Several = Field(description="Largest number of held-out images per method.")
    detections: Count = Field(description="Largest number of them that the face detector sees.")
    enrolled: list[Count] = Field(
        description="Numbers of labelled templates that the adaptive judge learns from; finally all of them."
    )
