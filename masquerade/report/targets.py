"""targets.yaml, typed: what the pipeline promises."""

from pathlib import Path

from pydantic import Field, field_validator, model_validator

from masquerade import attacks
from masquerade.generators import NAMES
from masquerade.params.load import validated
from masquerade.plain_yaml import read_yaml
from masquerade.section import Positive, Section, Share


class RealTargets(Section):
    """Smallest shares of real images that the judge trained here must identify; None: no target."""

    plain: Share | None = None
    mean_over_views: Share | None = None
    best_view: Share | None = None


class GeneratorTargets(Section):
    """Bounds of one generator: ``within_alpha`` and ``mse`` at least, all else at most; None: no target.

    Attributes:
        unbroken: attacks that do no better than chance while the key is secret.
    """

    eer: Share | None = None
    delta_eer: Share | None = None
    within_alpha: Share | None = None
    mse: Share | None = None
    rank_1: Share | None = None
    rank_1_over_chance: Positive | None = None
    detected: Share | None = None
    minutes: Positive | None = None
    renewal: Share | None = None
    linkage_eer: Share | None = None
    unbroken: list[str] | None = None

    @field_validator("unbroken")
    @classmethod
    def _attacks(cls, names: list[str] | None) -> list[str] | None:
        if unknown := set(names or ()) - set(attacks.NAMES):
            raise ValueError(f"there is no attack {', '.join(sorted(unknown))}")
        return names


class DatasetTargets(Section):
    """Targets for one data set, by generator."""

    real: RealTargets | None = None
    generators: dict[str, GeneratorTargets] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _known(self) -> "DatasetTargets":
        for name in self.generators:
            if name not in NAMES:
                raise ValueError(f"generators.{name}: must be one of {', '.join(NAMES)}")
        return self


class RunTargets(Section):
    """How long all stages may take with these data sets."""

    datasets: list[str]
    minutes: Positive


class Targets(Section):
    """All of targets.yaml."""

    datasets: dict[str, DatasetTargets]
    run: RunTargets
    paper_stages: list[str]


def load_targets(path: str | Path = "targets.yaml") -> Targets:
    """Read and validate the targets.

    Raises:
        InputError: the file is missing, is not YAML, or a key is unknown, missing, of a wrong type or out of range;
            the message names the file and each such key.
    """
    path = Path(path)
    return validated(Targets, read_yaml(path), path, Targets.model_json_schema())
