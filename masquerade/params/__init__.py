"""params.yaml, typed and validated before any work begins."""

from masquerade.params.evaluation import Evaluation, Folds, MockSystem
from masquerade.params.generator import Generator
from masquerade.params.judge import Judge
from masquerade.params.load import load_params
from masquerade.params.modality import Modality
from masquerade.params.root import Params
from masquerade.params.triplet import Triplet

__all__ = ["Evaluation", "Folds", "Generator", "Judge", "MockSystem", "Modality", "Params", "Triplet", "load_params"]
