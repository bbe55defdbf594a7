import json

import numpy as np
import pytest
from fixture_types import UnitVectors

from masquerade.evaluation.templates import Templates, compare_all
from masquerade.evaluation.verification import d_prime, rates
from masquerade.evaluation.verification_report import verification_report
from masquerade.params import Params

LABELS = np.repeat(np.arange(10), 8)


def report(params: Params, real: np.ndarray, template: np.ndarray) -> tuple[dict, dict]:
    stored = Templates(np.zeros((80, 8, 8, 1), np.uint8), real, template, template)
    arms = compare_all({"unet": stored}, LABELS, LABELS)
    evaluation = params.evaluation.model_copy(update={"bootstrap": 100, "confidence": 0.95})
    return verification_report(arms, evaluation, 7), arms


def test_every_arm_has_its_rates_interval_and_counts(params: Params, unit_vectors: UnitVectors) -> None:
    written, arms = report(params, unit_vectors(LABELS, 0.6), unit_vectors(LABELS, 0.8))

    assert set(written["unet"]) == {"real_template", "template_template", "delta_eer", "delta_eer_ci"}
    blocks = [written["real_real"], written["unet"]["real_template"], written["unet"]["template_template"]]
    for row, arm in zip(blocks, arms.values(), strict=True):
        curve = rates(arm.genuine, arm.impostor)
        assert row["eer"] == curve.eer
        assert row["eer_ci"][0] < curve.eer < row["eer_ci"][1]
        assert row["auc"] == curve.auc
        assert row["d_prime"] == d_prime(arm.genuine, arm.impostor)
        assert row["fnmr_at_fmr_1e-2"] == curve.fnmr_at(0.01) <= row["fnmr_at_fmr_1e-3"] == curve.fnmr_at(0.001)
        assert (row["n_genuine"], row["n_impostor"]) == (len(arm.genuine), len(arm.impostor))
    assert written["real_real"]["n_genuine"] == 10 * 28
    unet = written["unet"]
    assert unet["real_template"]["n_genuine"] == 10 * 56
    assert unet["delta_eer"] == pytest.approx(unet["real_template"]["eer"] - written["real_real"]["eer"])
    assert unet["delta_eer_ci"][0] <= unet["delta_eer"] <= unet["delta_eer_ci"][1]
    assert written["real_real"]["resampled"] == "10 subjects, 100 times"
    json.dumps(written, allow_nan=False)


def test_equal_templates_differ_by_exactly_nothing(params: Params, unit_vectors: UnitVectors) -> None:
    vectors = unit_vectors(LABELS, 0.6)

    written, _ = report(params, vectors, vectors.copy())

    assert written["unet"]["delta_eer"] == pytest.approx(0, abs=1e-9)
    assert written["unet"]["delta_eer_ci"] == pytest.approx([0, 0], abs=2e-3)
    assert written["real_real"]["eer"] > 0.01


def test_every_generator_has_its_own_difference(params: Params, unit_vectors: UnitVectors) -> None:
    real = unit_vectors(LABELS, 0.6)
    pixels = np.zeros((80, 8, 8, 1), np.uint8)
    worse, equal = (Templates(pixels, real, vectors, vectors) for vectors in (unit_vectors(LABELS, 1.2), real.copy()))
    evaluation = params.evaluation.model_copy(update={"bootstrap": 100})

    written = verification_report(compare_all({"unet": worse, "veiled": equal}, LABELS, LABELS), evaluation, 7)

    unet, veiled = written["unet"], written["veiled"]
    assert unet["delta_eer"] == unet["real_template"]["eer"] - written["real_real"]["eer"] > 0.01
    assert unet["delta_eer_ci"][0] <= unet["delta_eer"] <= unet["delta_eer_ci"][1]
    assert veiled["delta_eer"] == pytest.approx(0, abs=1e-9)
    assert veiled["delta_eer_ci"] == pytest.approx([0, 0], abs=2e-3)
    assert veiled["template_template"]["n_genuine"] == 10 * 28
    assert list(written) == ["real_real", "unet", "veiled"]
    json.dumps(written, allow_nan=False)
