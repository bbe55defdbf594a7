"""Columns of the table of protections: error rates and linkability, each with what says how sure they are."""

import numpy as np

from masquerade.attacks.linkability import Scores
from masquerade.evaluation.bootstrap import interval, resampled_eers
from masquerade.evaluation.pairs import Comparison
from masquerade.params import Evaluation

COLUMNS = (
    "title",
    "source",
    "bits",
    *(f"eer_{scenario}{end}" for scenario in ("normal", "stolen") for end in ("", "_low", "_high")),
    *(f"{name}{token}" for token in ("", "_stolen") for name in ("d_sys", "floor_d_sys", "floor_d_sys_high")),
)
"""All columns, in their order; a number that has no meaning for a scheme is missing."""


def error_rates(scenario: str, comparison: Comparison, params: Evaluation, seed: int) -> dict[str, float]:
    """Return the EER of a scenario, ``normal`` or ``stolen``, with its interval."""
    low, high = interval(resampled_eers(comparison, params.bootstrap, seed), params.confidence)
    return {f"eer_{scenario}": comparison.rates.eer, f"eer_{scenario}_low": low, f"eer_{scenario}_high": high}


def linkability(
    vectors: np.ndarray, labels: np.ndarray, params: Evaluation, seed: int, suffix: str = ""
) -> dict[str, float]:
    """Return D_sys, its floor by chance, and the most that chance gives at the level of confidence.

    Args:
        vectors: unit vectors (n, k) of templates.
        labels: int (n,), who they are of.
        suffix: of the columns' names, ``_stolen`` if the tokens are.
    """
    scores = Scores(vectors, labels)
    chance = scores.by_chance(seed).d_sys
    found = {
        "d_sys": scores.measured.d_sys,
        "floor_d_sys": chance.mean(),
        "floor_d_sys_high": interval(chance, params.confidence)[1],
    }
    return {f"{name}{suffix}": float(value) for name, value in found.items()}
