"""Identification among people of whom some are not enrolled (ISO/IEC 19795-1): TPIR at a given FPIR, and recall."""

from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np

from masquerade.errors import InputError
from masquerade.evaluation.verification import rates

Found = Sequence[tuple[Hashable, float]]
"""People found for a probe and their d_F, nearest first."""


class Rate(NamedTuple):
    """How many probes of people who are enrolled are named rightly.

    Attributes:
        fpir: false positive identification rate that is allowed, 0…1.
        threshold: largest d_F that names somebody, 0…4.
        tpir: true positive identification rate at rank 1, 0…1.
        mated, strangers: probes of people who are enrolled, and who are not.
    """

    fpir: float
    threshold: float
    tpir: float
    mated: int
    strangers: int


def tpir_at(fpir: float, mated: Sequence[Found], identities: Sequence[Hashable], strangers: Sequence[Found]) -> Rate:
    """Return the rate at the largest threshold at which at most a share ``fpir`` of the strangers is named.

    Args:
        fpir: 0…1.
        mated: what was found for probes of people who are enrolled; the first of it counts.
        identities: who they are.
        strangers: what was found for probes of people who are not.

    Raises:
        InputError: there are fewer strangers than 1 / ``fpir``.
    """
    if not mated or len(strangers) * fpir < 1:
        raise InputError(
            f"an FPIR of {fpir:g} cannot be told from {len(strangers)} strangers and {len(mated)} probes of others"
        )
    own = np.array(
        [found[0][1] if found and found[0][0] == who else np.inf for found, who in zip(mated, identities, strict=True)]
    )
    nearest = np.array([found[0][1] if found else np.inf for found in strangers])
    compared = rates(own, nearest)
    threshold = min(compared.threshold_at(fpir), 4.0)
    return Rate(fpir, threshold, float(1 - compared.fnmr(threshold)), len(mated), len(strangers))


def recall(exact: np.ndarray, found: np.ndarray) -> float:
    """Return the share of the nearest templates that an approximate search finds, 0…1.

    Args:
        exact, found: numbers of templates (n, k), a row for each probe.
    """
    return float(np.mean([np.isin(row, others).mean() for row, others in zip(exact, found, strict=True)]))
