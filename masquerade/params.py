"""params.yaml, typed and validated before any work begins."""

import sys
from collections.abc import Callable
from pathlib import Path
from reprlib import repr as shortened
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from masquerade.errors import InputError
from masquerade.plain_yaml import read_yaml


def _crop(value: object) -> tuple[int, int, int, int]:
    match value:
        case [int(top), int(bottom), int(left), int(right)]:
            if -10_000 <= top < bottom <= 10_000 and -10_000 <= left < right <= 10_000:
                return top, bottom, left, right
    raise ValueError(
        "must be [top, bottom, left, right], integers from -10000 to 10000 with top < bottom and left < right, "
        f"got {value!r}"
    )


def _number(kind: type, wanted: str, accepts: Callable[[float], bool]) -> BeforeValidator:
    def check(value: object) -> object:
        number = isinstance(value, int if kind is int else (int, float)) and not isinstance(value, bool)
        if not (number and accepts(value)):  # type: ignore[arg-type]
            raise ValueError(f"must be {wanted}, got {shortened(value)}")
        return value

    return BeforeValidator(check)


def _integer(least: int, most: int) -> BeforeValidator:
    return _number(int, f"an integer from {least} to {most}", lambda x: least <= x <= most)


Share = Annotated[float, _number(float, "between 0 and 1", lambda x: 0 <= x <= 1)]
OpenShare = Annotated[float, _number(float, "between 0 and 1, both excluded", lambda x: 0 < x < 1)]
Margin = Annotated[float, _number(float, "between 0 and 4", lambda x: 0 <= x <= 4)]
Positive = Annotated[float, _number(float, "a finite number above 0", lambda x: 0 < x <= sys.float_info.max)]
BelowHalf = Annotated[float, _number(float, "at least 0 and below 0.5", lambda x: 0 <= x < 0.5)]
Megapixels = Annotated[float, _number(float, "above 0 and at most 178, Pillow's own limit", lambda x: 0 < x <= 178)]
Crop = Annotated[tuple[int, int, int, int], BeforeValidator(_crop)]

# A slip of the finger must not fill the memory or run for ever; the upper bounds are far above what is of use.
Seed = Annotated[int, _integer(0, 2**32 - 1)]
Side = Annotated[int, _integer(8, 512)]
Grain = Annotated[int, _integer(1, 512)]
Shift = Annotated[int, _integer(0, 512)]
Copies = Annotated[int, _integer(0, 100)]
Filters = Annotated[int, _integer(1, 256)]
DecoderFilters = Annotated[int, _integer(1, 1024)]
Depth = Annotated[int, _integer(1, 6)]
Neurons = Annotated[int, _integer(1, 16384)]
Dimension = Annotated[int, _integer(3, 4096)]
BatchSize = Annotated[int, _integer(1, 4096)]
MinedBatch = Annotated[int, _integer(2, 512)]
Epochs = Annotated[int, _integer(1, 10_000)]
Refinement = Annotated[int, _integer(0, 1000)]
Resamplings = Annotated[int, _integer(2, 10_000)]
Parts = Annotated[int, _integer(2, 1000)]
Attempts = Annotated[int, _integer(1, 100_000)]
Count = Annotated[int, _integer(1, 1_000_000)]
Several = Annotated[int, _integer(2, 1_000_000)]
Enrolled = Annotated[int, _integer(4, 1_000_000)]
FileName = Annotated[str, Field(pattern=r"^\w[\w '-]*$", max_length=80)]
Normalisation = Literal["none", "batch", "group"]
Distance = Literal["hamming", "euclidean", "mse", "dssim", "sobel", "combined"]

GENERATORS = ("unet", "veiled")
"""Every generator, in the order of all tables and figures."""


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Generator(Section):
    alpha: Margin
    optimizer: str


class Triplet(Section):
    """Section 4.2: the embedder trained here."""

    hidden: Neurons
    dimension: Dimension
    margin: Positive
    mining: Literal["all", "semi_hard", "random"]
    shift: BelowHalf
    batch_size: MinedBatch
    learning_rate: Positive
    epochs: Epochs


class UNet(Section):
    """The paper's generator."""

    width: Filters
    depth: Depth
    normalisation: Normalisation
    refinement: Refinement = 0

    @model_validator(mode="after")
    def _fits(self) -> "UNet":
        if self.width * 2**self.depth > 4096:
            raise ValueError(f"width {self.width}, doubled depth = {self.depth} times, is more than 4096 filters")
        return self


class Loss(Section):
    distance: Distance
    pi_emb: Share
    warm_up: Share = 0.0
    warm_up_pi_emb: Share = 0.0
    margin: Share = 1.0
    beta: Share


class Training(Section):
    batch_size: BatchSize
    learning_rate: Positive
    schedule: Literal["constant", "cosine"]
    epochs: Epochs
    steps: Count | None
    copies: Copies
    shift: Shift
    mirror: bool
    jit_compile: bool

    def seen(self, pictures: int) -> int:
        """Return how many pictures a training with that many goes through, copies and repetitions counted."""
        available = (1 + self.copies) * pictures
        return self.epochs * (available if self.steps is None else min(available, self.steps * self.batch_size))


class Veiled(Section):
    """The generator that sees nothing but the embedding."""

    carrier: str
    carrier_grain: Grain
    noise: Share
    epsilon: OpenShare
    grain: Grain
    scramble: bool
    width: DecoderFilters
    refinement: Refinement
    penalty: Share
    margin: Margin
    batch_size: BatchSize
    learning_rate: Positive
    epochs: Epochs
    steps: Count

    @model_validator(mode="after")
    def _fits(self) -> "Veiled":
        if self.steps * self.batch_size > 100_000:  # mixtures; an epoch's are drawn at once
            raise ValueError(f"steps {self.steps} of batch_size {self.batch_size} are more than 100000 embeddings")
        return self


class Judge(Section):
    """The classifier that tries to read templates."""

    width: Filters
    least_pictures: Count
    shift: BelowHalf
    turn: BelowHalf
    zoom: BelowHalf
    mirror: bool
    batch_size: BatchSize
    learning_rate: Positive
    epochs: Epochs
    pretrained: Literal["dlib", "facenet"] | None
    detector: Literal["mtcnn"] | None


class Modality(Section):
    """One kind of picture: its data, embedder and generator."""

    dataset: str
    source: str | None
    crop: Crop | None
    max_megapixels: Megapixels
    image_size: Side
    split_by: Literal["class", "subject"]
    test_fraction: OpenShare
    held_out: list[str]
    pairs: str | None
    embedder: Literal["triplet", "dlib", "facenet"]
    embedder_weights: str | None
    triplet: Triplet | None = None
    unet: UNet
    loss: Loss
    training: Training
    veiled: Veiled
    judge: Judge

    def refinement(self, kind: str) -> int:
        """Return how many gradient steps refine a template of one kind of generator at enrolment."""
        return getattr(self, kind).refinement

    def shortened(self, epochs: int) -> "Modality":
        """Return the section with a U-Net's training of so many epochs, without altered copies."""
        training = self.training.model_copy(update={"epochs": epochs, "steps": None, "copies": 0})
        return self.model_copy(update={"training": training})

    @model_validator(mode="after")
    def _consistent(self) -> "Modality":
        if self.crop is not None and self.dataset != "folder":
            raise ValueError(f"crop is for dataset folder; {self.dataset} has its own")
        if self.embedder == "triplet" and self.triplet is None:
            raise ValueError("embedder 'triplet' needs the section triplet")
        if self.held_out and self.split_by != "subject":
            raise ValueError("held_out needs split_by: subject")
        if self.judge.pretrained == self.embedder:
            raise ValueError(f"judge.pretrained {self.embedder!r} is the embedder the templates are made for")
        if self.image_size % self.veiled.grain:
            raise ValueError(f"image_size {self.image_size} is no multiple of veiled.grain = {self.veiled.grain}")
        if self.image_size % 2**self.unet.depth:
            raise ValueError(f"image_size {self.image_size} cannot be halved unet.depth = {self.unet.depth} times")
        return self


class Folds(Section):
    count: Parts
    pairs: Count


class MockSystem(Section):
    classes: Count
    pictures: Enrolled
    attempts: Attempts
    thresholds: Resamplings
    repeats: Parts


class Evaluation(Section):
    confidence: OpenShare
    bootstrap: Resamplings
    classes: Count
    pca_classes: Count
    pca_images: Several
    folds: Folds
    mock_system: MockSystem


class AlphaSweep(Section):
    """Fig. 12."""

    alphas: Annotated[list[Margin], Field(min_length=1, max_length=100)]
    pictures: Several
    epochs: Epochs
    digit: str


class Provocation(Section):
    """What one row of Table 5 changes in the U-Net's training; what it does not name stays as it is."""

    epochs: dict[str, Epochs]
    alpha: Margin
    pi_emb: Share | None = None
    distance: Distance | None = None
    learning_rate: Positive | None = None
    normalisation: Normalisation | None = None

    def apply(self, modality: Modality, generator: Generator, name: str) -> tuple[Modality, Generator]:
        """Return the two sections with this provocation in them, without copies, warm-up or a smaller margin."""
        changed = self.model_dump(exclude_none=True, exclude={"epochs"})

        def provoked(section: Section, **others: object) -> Any:
            known = {key: value for key, value in changed.items() if key in type(section).model_fields}
            return section.model_copy(update=known | others)

        sections = {
            "unet": provoked(modality.unet),
            "loss": provoked(modality.loss, warm_up=0.0, margin=1.0),
            "training": provoked(modality.training),
        }
        return modality.model_copy(update=sections).shortened(self.epochs[name]), provoked(generator)


class FailureModes(Section):
    """Table 5."""

    pictures: Several
    provocations: dict[FileName, Provocation]


class Recognisability(Section):
    pictures: Several
    detections: Count
    enrolled: list[Count]


class Params(Section):
    seed: Seed
    devices: Count
    generator: Generator
    digits: Modality
    faces: Modality
    evaluation: Evaluation
    alpha_sweep: AlphaSweep
    failure_modes: FailureModes
    recognisability: Recognisability

    @model_validator(mode="after")
    def _consistent(self) -> "Params":
        for name, provocation in self.failure_modes.provocations.items():
            if name in GENERATORS:  # both are rows of Table 5
                raise ValueError(f"failure_modes.provocations.{name}: is the name of a generator")
            missing = {"digits", "faces"} - provocation.epochs.keys()
            if missing:
                raise ValueError(f"failure_modes.provocations.{name}.epochs: {', '.join(sorted(missing))} missing")
        for name, modality in (("digits", self.digits), ("faces", self.faces)):
            for part in ("triplet", "training", "veiled", "judge"):
                size = getattr(getattr(modality, part), "batch_size", 0)
                if size % self.devices:
                    raise ValueError(f"{name}.{part}.batch_size: {size} cannot be shared by devices = {self.devices}")
        return self

    def modality(self, name: str) -> Modality:
        """Return the section of one modality by its name.

        Raises:
            InputError: there is no such modality.
        """
        section = getattr(self, name, None)
        if not isinstance(section, Modality):
            names = [field for field in type(self).model_fields if isinstance(getattr(self, field), Modality)]
            raise InputError(f"--modality: must be one of {', '.join(names)}, got {name!r}")
        return section


def load_params(path: str | Path = "params.yaml") -> Params:
    """Read and validate the parameter file.

    Raises:
        InputError: the file is missing, is no YAML, or a key is unknown, missing, of a wrong type or out of range;
            the message names the file and each such key.
    """
    return validated(Params, Path(path))


SectionType = TypeVar("SectionType", bound=Section)


def validated(kind: type[SectionType], path: Path) -> SectionType:
    """Read a YAML file as a section; raise :class:`InputError` as :func:`load_params` does."""
    try:
        return kind.model_validate(read_yaml(path))
    except ValidationError as error:
        raise InputError(f"{path}: " + "; ".join(_sentence(item) for item in error.errors())) from error


def _sentence(item: ErrorDetails) -> str:
    key = " ".join(".".join(str(part) for part in item["loc"]).split()) or "the file"
    match item["type"]:
        case "extra_forbidden":
            return f"{key}: unknown key"
        case "missing":
            return f"{key}: missing"
        case "value_error" if not item["loc"]:  # of several sections; the sentence names its key itself
            return str(item["ctx"]["error"])
        case "value_error":
            return f"{key}: {item['ctx']['error']}"
        case _ if item["msg"].startswith("Input should be "):
            return f"{key}: must be {item['msg'].removeprefix('Input should be ')}, got {shortened(item['input'])}"
        case _:
            return f"{key}: {item['msg']}"
