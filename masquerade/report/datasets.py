"""datasets.yaml, typed: what is known of the data sets."""

from pathlib import Path

from masquerade.params.load import validated
from masquerade.params.modality import Crop
from masquerade.plain_yaml import read_yaml
from masquerade.section import Section


class Fact(Section):
    """One thing that is known, and the page or paper that says it."""

    says: str
    source: str


class Facts(Section):
    """What is known of one data set; None where no source was found.

    Attributes:
        crop: of a reader that has its own, as in params.yaml; None: the largest square in the middle.
        people: who is shown, or who wrote.
        consent: theirs.
    """

    title: str
    crop: Crop | None = None
    origin: Fact | None = None
    people: Fact | None = None
    consent: Fact | None = None
    licence: Fact | None = None


class Datasets(Section):
    """All of datasets.yaml."""

    datasets: dict[str, Facts]


COMMITTED = Path(__file__).with_suffix(".yaml")


def load_datasets(path: str | Path = COMMITTED) -> Datasets:
    """Read and validate the facts.

    Raises:
        InputError: the file is missing, is no YAML, or a key is unknown, missing or of a wrong type; the message names
            the file and each such key.
    """
    path = Path(path)
    return validated(Datasets, read_yaml(path), path, Datasets.model_json_schema())
