"""Where every stage reads and writes, relative to the project's root."""

from dataclasses import dataclass
from pathlib import Path

EVERY = "all"
"""Takes the place of a modality in the times of stages that have none."""


def shared_parameters(generator: str) -> Path:
    """Those of the parameters that all generators share which one kind reads."""
    return Path("data") / "shared" / f"{generator}.json"


def modules(stage: str) -> Path:
    """Digests of the code that a stage, by DVC's name such as ``roc@digits``, runs."""
    return Path("data") / "modules" / f"{stage}.json"


@dataclass(frozen=True)
class Paths:
    """Files of one modality (the name of its section in params.yaml)."""

    modality: str

    @property
    def images(self) -> Path:
        return Path("data") / self.modality / "images.npz"

    @property
    def train(self) -> Path:
        return Path("data") / self.modality / "train.npz"

    @property
    def test(self) -> Path:
        return Path("data") / self.modality / "test.npz"

    def templates(self, kind: str) -> Path:
        """Templates of one kind of generator."""
        return Path("data") / self.modality / "templates" / f"{kind}.npz"

    @property
    def embedder(self) -> Path:
        return Path("models") / self.modality / "embedder.keras"

    def generator(self, kind: str) -> Path:
        return Path("models") / self.modality / "generators" / f"{kind}.keras"

    def usage(self, kind: str) -> Path:
        """How a recognition system uses one kind of generator with keys."""
        return Path("models") / self.modality / "usage" / f"{kind}.json"

    def rekeyed(self, kind: str) -> Path:
        """Templates of one kind of generator with keys, under other keys."""
        return Path("data") / self.modality / "rekeyed" / f"{kind}.npz"

    def space(self, kind: str) -> Path:
        """The components of one kind of generator with keys."""
        return Path("data") / self.modality / "spaces" / f"{kind}.npz"

    def cost(self, kind: str) -> Path:
        """Size of one kind of generator."""
        return self.reports / "cost" / f"{kind}.json"

    def training(self, kind: str, suffix: str) -> Path:
        """How one kind of generator was made: curves or tries (csv), their figure (png) and how it ended (json)."""
        return self.reports / "training" / f"{kind}.{suffix}"

    def timing(self, stage: str) -> Path:
        """How long a stage, or its training, took on this machine; neither in git nor in DVC."""
        return Path("reports") / "timings" / self.modality / f"{stage}.json"

    @property
    def judge(self) -> Path:
        return Path("models") / self.modality / "judge.keras"

    @property
    def reports(self) -> Path:
        return Path("reports") / self.modality

    @property
    def attacks(self) -> Path:
        """What each attack found: <attack>.csv, .json and .png."""
        return self.reports / "attacks"

    @property
    def contents(self) -> Path:
        """List of the files in the reports, with a digest of each."""
        return Path("data") / "contents" / f"{self.modality}.json"

    def outside(self, key: str) -> Path:
        """Digests of what a key of params.yaml names outside the project."""
        return Path("data") / "outside" / self.modality / f"{key}.json"

    def sweep_templates(self, alpha: float) -> Path:
        return Path("data") / self.modality / "alpha_sweep" / f"{alpha}.npz"

    def sweep_validation(self, alpha: float) -> Path:
        """Templates of the validation images (:func:`masquerade.data.split.validation`)."""
        return Path("data") / self.modality / "alpha_sweep" / "validation" / f"{alpha}.npz"

    @property
    def provoked(self) -> Path:
        return Path("data") / self.modality / "failure_modes"

    def provoked_templates(self, provocation: str) -> Path:
        """Templates of one of Table 5's provoked failures; there are none if the loss became NaN."""
        return self.provoked / f"{provocation}.npz"
