"""Section failure_modes: short trainings of the U-Net that go wrong."""

from typing import Annotated, Any

from pydantic import Field

from masquerade.params.generator import Generator
from masquerade.params.modality import Modality
from masquerade.params.unet import Distance, Normalisation
from masquerade.section import Epochs, Positive, Section, Several, Share, SquaredDistance

FileName = Annotated[str, Field(pattern=r"^\w[\w '-]*$", max_length=80)]


class Provocation(Section):
    """What one row of Table 5 changes in the U-Net's training; what it does not name stays as it is."""

    epochs: dict[str, Epochs] = Field(description="Passes over the training pictures, for each modality.")
    alpha: SquaredDistance = Field(description="generator.alpha of this training.")
    pi_emb: Share | None = Field(default=None, description="loss.pi_emb of this training.")
    distance: Distance | None = Field(default=None, description="loss.distance of this training.")
    learning_rate: Positive | None = Field(default=None, description="training.learning_rate of this training.")
    normalisation: Normalisation | None = Field(default=None, description="unet.normalisation of this training.")

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
    """Table 5: short trainings of the U-Net without altered copies."""

    pictures: Several = Field(description="Training pictures, at most.")
    provocations: dict[FileName, Provocation] = Field(description="What each training changes, by its name in Table 5.")
