"""Every verification number of the reports, each with its interval and its number of comparisons."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from masquerade.evaluation.arms import BASELINE, REAL_TEMPLATE, Arm
from masquerade.evaluation.bootstrap import interval, resampled_eers
from masquerade.evaluation.pairs import Comparison
from masquerade.evaluation.verification import d_prime
from masquerade.params import Evaluation


def verification_report(arms: Mapping[Arm, Comparison], params: Evaluation, seed: int) -> dict[str, Any]:
    """Summarise the arms of :func:`masquerade.evaluation.templates.compare_all`.

    Returns:
        ``real_real`` and, under the name of each generator, ``real_template`` and ``template_template``, each with
        ``eer`` and ``eer_ci``, ``eer_threshold`` (d_F), ``auc``, ``d_prime``, ``fnmr_at_fmr_1e-2`` and
        ``fnmr_at_fmr_1e-3``, ``n_genuine`` and ``n_impostor``; beside them, for each generator, ``delta_eer``,
        real–template minus real–real, and ``delta_eer_ci``, both resampled with the same subjects. ``resampled`` in
        ``real_real`` says in words what all intervals resample. Rates are shares, not percent.
    """
    numbers: dict[Arm, dict[str, Any]] = {}
    samples: dict[Arm, np.ndarray] = {}
    for arm, comparison in arms.items():
        samples[arm] = resampled_eers(comparison, params.bootstrap, seed)
        curve = comparison.rates
        numbers[arm] = {
            "eer": curve.eer,
            "eer_ci": interval(samples[arm], params.confidence),
            "eer_threshold": curve.eer_threshold,
            "auc": curve.auc,
            "d_prime": d_prime(comparison.genuine, comparison.impostor),
            "fnmr_at_fmr_1e-2": curve.fnmr_at(1e-2),
            "fnmr_at_fmr_1e-3": curve.fnmr_at(1e-3),
            "n_genuine": len(comparison.genuine),
            "n_impostor": len(comparison.impostor),
        }
    resampled = f"{len(set(arms[BASELINE].subjects.tolist()))} subjects, {params.bootstrap} times"
    report: dict[str, Any] = {BASELINE.metric: {**numbers.pop(BASELINE), "resampled": resampled}}
    for arm, its in numbers.items():
        of_generator = report.setdefault(arm.generator, {})
        of_generator[arm.comparison.replace("-", "_")] = its
        if arm.comparison == REAL_TEMPLATE:
            of_generator["delta_eer"] = its["eer"] - report[BASELINE.metric]["eer"]
            of_generator["delta_eer_ci"] = interval(samples[arm] - samples[BASELINE], params.confidence)
    return report
