"""Section recognisability: what the judges are shown."""

from pydantic import Field

from masquerade.section import Count, Section, Several


class Recognisability(Section):
    """What judges that never saw G or F are shown."""

    images: Several = Field(description="Held-out images a method, at most.")
    detections: Count = Field(description="How many of them the face detector looks at, at most.")
    enrolled: list[Count] = Field(
        description="Numbers of labelled templates that the adaptive judge gets; all of them besides."
    )
