"""params.yaml, typed and validated before any work begins."""

from masquerade.params.alpha_sweep import AlphaSweep
from masquerade.params.evaluation import Evaluation, Folds, MockSystem
from masquerade.params.failure_modes import FailureModes, Provocation
from masquerade.params.generator import GENERATORS, Generator
from masquerade.params.judge import Judge
from masquerade.params.load import load_params
from masquerade.params.modality import Modality
from masquerade.params.recognisability import Recognisability
from masquerade.params.root import Params
from masquerade.params.triplet import Triplet
from masquerade.params.unet import Loss, Training, UNet
from masquerade.params.veiled import Veiled

__all__ = [
    "GENERATORS",
    "AlphaSweep",
    "Evaluation",
    "FailureModes",
    "Folds",
    "Generator",
    "Judge",
    "Loss",
    "MockSystem",
    "Modality",
    "Params",
    "Provocation",
    "Recognisability",
    "Training",
    "Triplet",
    "UNet",
    "Veiled",
    "load_params",
]
