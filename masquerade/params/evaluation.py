"""Section evaluation: how the systems are measured."""

from typing import Annotated, Literal

from pydantic import Field

from masquerade.section import Count, OpenShare, Parts, Resamplings, Section, Seed, Several, Share


class Folds(Section):
    """Folds of pairs, drawn from the held-out images where a modality's pairs is null."""

    count: Parts = Field(description="Folds; the threshold of each is chosen on the others.")
    pairs: Count = Field(description="Mated pairs per fold, and as many non-mated ones; fewer if there are not enough.")


class MockSystem(Section):
    """The recognition system of Table 4."""

    classes: Count = Field(description="Classes that are enrolled; as many others are impostors.")
    images: Annotated[int, Field(ge=4, le=1_000_000)] = Field(
        description="Smallest number of held-out images of an enrolled class."
    )
    attempts: Annotated[int, Field(ge=1, le=100_000)] = Field(description="Genuine attempts; as many impostor ones.")
    thresholds: Resamplings = Field(description="Thresholds tried, equally spaced in [0, 4].")
    repeats: Parts = Field(description="Random choices of the classes.")


class Keys(Section):
    """The keys of the evaluation. They are public: anybody can compute them from the seed."""

    seed: Seed = Field(description="The evaluation's master secret is made from it, and so is no secret.")
    scope: Literal["record", "system"] = Field(description="record: a key for each template; system: one for all.")
    bits: Annotated[int, Field(ge=2, le=4096)] | None = Field(
        description="Signs of the rotated components that a template keeps, fewer than there are; null: all of them, "
        "not their signs alone."
    )


class Evaluation(Section):
    """How the systems are measured."""

    confidence: OpenShare = Field(description="Confidence level of every interval.")
    bootstrap: Resamplings = Field(description="Resamplings of the subjects behind an interval.")
    budget: Share = Field(description="Largest ΔEER that the recommended α may cost.")
    classes: Count = Field(description="Classes in Table 3, in the gallery and for the judges, largest first.")
    pca_classes: Count = Field(description="Classes in Fig. 11.")
    pca_images: Several = Field(description="Largest number of images per class in Fig. 11.")
    keys: Keys
    folds: Folds
    mock_system: MockSystem
