"""All sections of params.yaml together."""

from typing import Annotated

from pydantic import Field, model_validator

from masquerade.errors import InputError
from masquerade.params.alpha_sweep import AlphaSweep
from masquerade.params.evaluation import Evaluation
from masquerade.params.failure_modes import FailureModes
from masquerade.params.generator import Generator
from masquerade.params.modality import Modality
from masquerade.params.recognisability import Recognisability
from masquerade.section import Count, Section

Seed = Annotated[int, Field(ge=0, le=2**32 - 1)]


class Params(Section):
    """Every number the pipeline reads."""

    seed: Seed = Field(description="Every random choice starts here.")
    devices: Count = Field(
        description="Accelerators that share each batch, only with KERAS_BACKEND=jax; must divide every batch_size."
    )
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
