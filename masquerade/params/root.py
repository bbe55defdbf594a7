"""All sections of params.yaml together."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field, create_model, model_validator

from masquerade.errors import InputError
from masquerade.generators import kind
from masquerade.leaves import leaves
from masquerade.params.alpha_sweep import AlphaSweep
from masquerade.params.attacks import Attacks
from masquerade.params.evaluation import Evaluation
from masquerade.params.failure_modes import FailureModes
from masquerade.params.generator import Generator, GeneratorName
from masquerade.params.modality import Modality, ModalityName
from masquerade.params.recognisability import Recognisability
from masquerade.section import Count, Section, Seed


class Params(Section):
    """Every number the pipeline reads."""

    seed: Seed = Field(description="Every random choice starts here.")
    devices: Count = Field(
        description="Accelerators that share each batch, only with KERAS_BACKEND=jax; must divide every batch_size."
    )
    modalities: Annotated[list[ModalityName], Field(min_length=1, max_length=100)] = Field(
        description="Kinds of images; each has a section of its name."
    )
    generators: Annotated[list[GeneratorName], Field(min_length=1, max_length=100)] = Field(
        description="Kinds of generators; each has a section in every modality."
    )
    trained: list[GeneratorName] = Field(description="Those of them with a training of their own.")
    derived: list[GeneratorName] = Field(description="Those of them that are made from another one.")
    generator: Generator
    evaluation: Evaluation
    alpha_sweep: AlphaSweep
    failure_modes: FailureModes
    recognisability: Recognisability
    attacks: Attacks

    @model_validator(mode="after")
    def _consistent(self) -> "Params":
        for name in self.modalities:
            if name in Params.model_fields:
                raise ValueError(f"modalities: {name} is the name of another section")
        for key in ("modalities", "generators"):
            names = getattr(self, key)
            if len(set(names)) < len(names):
                raise ValueError(f"{key}: {', '.join(names)} names one twice")
        self._check_sources()
        for name in self.failure_modes.provocations:
            if name in self.generators:  # both are rows of Table 5
                raise ValueError(f"failure_modes.provocations.{name}: is the name of a generator")
        if unknown := set(self.alpha_sweep.modalities) - set(self.modalities):
            raise ValueError(f"alpha_sweep.modalities: there is no modality {', '.join(sorted(unknown))}")
        for name in self.modalities:
            modality = self.modality(name)
            for generator in {*self.generators, self.alpha_sweep.generator, self.failure_modes.generator}:
                if modality.settings(generator) is None:
                    raise ValueError(f"{name}.{generator}: missing")
            if modality.refinement.keys() != set(self.generators):
                raise ValueError(f"{name}.refinement: must name {', '.join(self.generators)}")
            for key, size in leaves(modality.model_dump(), f"{name}."):
                if key.endswith(".batch_size") and size % self.devices:
                    raise ValueError(f"{key}: {size} cannot be shared by devices = {self.devices}")
        return self

    def _check_sources(self) -> None:
        """Check ``trained`` and ``derived``, which DVC needs as lists of their own."""
        sources = {name: kind(name).source for name in self.generators}
        expected = {
            "trained": [name for name, source in sources.items() if source is None],
            "derived": [name for name, source in sources.items() if source is not None],
        }
        for key, names in expected.items():
            if getattr(self, key) != names:
                raise ValueError(f"{key}: must be [{', '.join(names)}] for these generators")
        for name, source in sources.items():
            if source is not None and source not in sources:
                raise ValueError(f"generators: {name} needs {source}")
        for key in ("alpha_sweep", "failure_modes"):
            if kind(name := getattr(self, key).generator).source is not None:
                raise ValueError(f"{key}.generator: {name} has no training of its own")

    def modality(self, name: str) -> Modality:
        """Return the section of one modality by its name.

        Raises:
            InputError: there is no such modality.
        """
        if name not in self.modalities:
            raise InputError(f"--modality: must be one of {', '.join(self.modalities)}, got {name!r}")
        section: Modality = getattr(self, name)
        return section

    def variations(self) -> Iterator[tuple[str, str, str, Mapping[str, Any]]]:
        """Yield each change of a generator's settings: its key, the modality, the generator and the changes."""
        for name in self.modalities:
            for provocation, its in self.failure_modes.provocations.items():
                key = f"failure_modes.provocations.{provocation}.settings"
                yield key, name, self.failure_modes.generator, its.settings
        for name in self.alpha_sweep.modalities:
            yield "alpha_sweep.settings", name, self.alpha_sweep.generator, self.alpha_sweep.settings


def with_modalities(names: Iterable[str]) -> type[Params]:
    """Return the model of a params.yaml with a section for each of these modalities."""
    sections: dict[str, Any] = dict.fromkeys(names, (Modality, ...))
    return create_model("Params", __base__=Params, __doc__=Params.__doc__, **sections)
