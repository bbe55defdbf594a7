"""The section of a modality: one kind of image."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, create_model, model_validator

from masquerade.generators import NAMES, kind
from masquerade.generators.base import Settings
from masquerade.params.judge import Judge
from masquerade.params.triplet import Triplet
from masquerade.section import OpenShare, Refinement, Section


def _crop(value: object) -> object:
    match value:
        case "face":
            return value
        case [int(top), int(bottom), int(left), int(right)] if bool not in map(type, value):
            if -10_000 <= top < bottom <= 10_000 and -10_000 <= left < right <= 10_000:
                return top, bottom, left, right
    raise ValueError(
        "must be [top, bottom, left, right], integers from -10000 to 10000 with top < bottom and left < right, "
        f"or face, got {value!r}"
    )


Edge = Annotated[int, Field(ge=-10_000, le=10_000)]
Crop = Annotated[tuple[Edge, Edge, Edge, Edge] | Literal["face"], BeforeValidator(_crop)]
Megapixels = Annotated[
    float, Field(gt=0, le=178, json_schema_extra={"errorMessage": "above 0 and at most 178, Pillow's own limit"})
]
Side = Annotated[int, Field(ge=8, le=512)]
ModalityName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]


class Augmentation(Section):
    """Altered copies of the training images, for every generator."""

    copies: Annotated[int, Field(ge=0, le=100)] = Field(
        description="Altered copies of each training image; the paper has none."
    )
    shift: Annotated[int, Field(ge=0, le=512)] = Field(description="Largest movement of a copy in pixels.")
    mirror: bool = Field(description="Mirror half of the copies.")


class _Modality(Section):
    """One kind of image: its data, embedder, generators and judges."""

    dataset: str = Field(description="Data set: mnist5k, mnist, idx, orl, lfw or folder.")
    source: str | None = Field(description="Folder or archive to read; null: the data set's own package or download.")
    crop: Crop | None = Field(
        description="For dataset folder: [top, bottom, left, right] in pixels, or face, which MTCNN looks for in every "
        "image; null: the largest square in the middle."
    )
    photographs: Literal["face"] | None = Field(
        default=None,
        description="What the recognition system crops photographs to; null: the largest square in the middle.",
    )
    max_megapixels: Megapixels = Field(description="Larger image files are refused before they are decoded.")
    image_size: Side = Field(description="Side in pixels of the square image that all networks see.")
    split_by: Literal["class", "subject"] = Field(
        description="class: stratified; subject: nobody is in both halves. An official test set takes precedence."
    )
    test_fraction: OpenShare = Field(description="Share of the images (of the subjects) that is held out.")
    held_out: list[str] = Field(
        description="Names of classes that are always held out, for split_by subject; they count towards test_fraction."
    )
    pairs: str | None = Field(description="LFW's pairs.txt; null: evaluation.folds draws pairs.")
    embedder: Literal["triplet", "dlib", "facenet"] = Field(description="F; triplet is trained here.")
    embedder_weights: str | None = Field(
        description="File with the weights of dlib or facenet; null: the package's own or a download."
    )
    triplet: Triplet | None = Field(default=None, description="The embedder trained here; only for embedder triplet.")
    augmentation: Augmentation
    refinement: dict[str, Refinement] = Field(
        description="Gradient steps on each template's pixels at enrolment, for each generator; the paper has none."
    )
    judge: Judge

    def settings(self, generator: str) -> Any:
        """Return the section of one kind of generator, its ``Settings``."""
        return getattr(self, generator)

    @model_validator(mode="after")
    def _consistent(self) -> "_Modality":
        if self.crop is not None and self.dataset != "folder":
            raise ValueError(f"crop is for dataset folder; {self.dataset} has its own")
        if self.embedder == "triplet" and self.triplet is None:
            raise ValueError("embedder 'triplet' needs the section triplet")
        if self.held_out and self.split_by != "subject":
            raise ValueError("held_out needs split_by: subject")
        if self.judge.pretrained == self.embedder:
            raise ValueError(f"judge.pretrained {self.embedder!r} is the embedder the templates are made for")
        for _, section in self:
            if isinstance(section, Settings):
                section.check(self.image_size)
        return self


if TYPE_CHECKING:
    Modality = _Modality
else:  # a section for every kind of generator there is
    Modality = create_model(
        "Modality",
        __base__=_Modality,
        __doc__=_Modality.__doc__,
        **{name: (kind(name).settings | None, Field(default=None)) for name in NAMES},
    )
