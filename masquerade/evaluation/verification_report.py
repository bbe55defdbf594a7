"""Every verification number of the reports, each with its interval and its number of comparisons."""

from collections.abc import Mapping
from typing import Any

from masquerade.evaluation.bootstrap import interval, resampled_eers
from masquerade.evaluation.pairs import Comparison
from masquerade.evaluation.verification import d_prime
from masquerade.params import Evaluation


def verification_report(arms: Mapping[str, Comparison], params: Evaluation, seed: int) -> dict[str, Any]:
    """Summarise the arms of :func:`masquerade.evaluation.templates.compare_all`.

    Returns:
        For each arm ``eer`` and ``eer_ci``, ``eer_threshold`` (d_F), ``auc``, ``d_prime``, ``fnmr_at_fmr_1e-2`` and
        ``fnmr_at_fmr_1e-3``, ``n_genuine`` and ``n_impostor``; beside them ``delta_eer``, real–template minus
        real–real, and ``delta_eer_ci``, both arms resampled with the same subjects (``delta_eer_<kind>`` for the arm
        ``real_<kind>``). Rates are shares, not percent.
    """
    report: dict[str, Any] = {}
    samples = {}
    for name, arm in arms.items():
        samples[name] = resampled_eers(arm, params.bootstrap, seed)
        curve = arm.rates
        report[name] = {
            "eer": curve.eer,
            "eer_ci": interval(samples[name], params.confidence),
            "eer_threshold": curve.eer_threshold,
            "auc": curve.auc,
            "d_prime": d_prime(arm.genuine, arm.impostor),
            "fnmr_at_fmr_1e-2": curve.fnmr_at(1e-2),
            "fnmr_at_fmr_1e-3": curve.fnmr_at(1e-3),
            "n_genuine": len(arm.genuine),
            "n_impostor": len(arm.impostor),
        }
    for name in arms:
        against, stored = name.split("_")
        if against == "real" != stored:
            delta = "delta_eer" if stored == "template" else f"delta_eer_{stored}"
            report[delta] = report[name]["eer"] - report["real_real"]["eer"]
            report[f"{delta}_ci"] = interval(samples[name] - samples["real_real"], params.confidence)
    report["resampled"] = f"{len(set(arms['real_real'].subjects.tolist()))} subjects, {params.bootstrap} times"
    return report
