from pathlib import Path

import numpy as np
import pytest

from masquerade.evaluation.arms import Arm
from masquerade.evaluation.templates import Templates, compare_all, enrolled

REAL = np.array([[1, 0], [1, 0], [0, 1], [0, 1]], dtype=np.float32)
DISTORTED = np.array([[0.8, 0.6], [0.8, 0.6], [-1, 0], [-1, 0]], dtype=np.float32)
LABELS = np.array([0, 0, 1, 1])


@pytest.fixture
def templates() -> Templates:
    return Templates(np.zeros((4, 8, 8, 1), dtype=np.uint8), REAL, DISTORTED, DISTORTED)


def test_d_emb_is_the_squared_distance_of_each_image(templates: Templates) -> None:
    np.testing.assert_allclose(templates.d_emb, [0.4, 0.4, 2, 2], rtol=1e-6)


def test_comparisons_probe_with_the_first_and_enrol_the_second(templates: Templates) -> None:
    found = templates.comparisons(LABELS, LABELS)

    assert list(found) == ["real-real", "real-template", "template-template"]
    np.testing.assert_allclose(found["real-real"].genuine, [0, 0], atol=1e-6)
    np.testing.assert_allclose(found["real-real"].impostor, 4 * [2])
    # Errata 3: a distorted template is enrolled; its distance to a plain probe of its class is not 0.
    np.testing.assert_allclose(found["real-template"].genuine, [0.4, 0.4, 2, 2], atol=1e-6)
    # Real of class 0 with templates of class 1: (1, 0)·(−1, 0) → 4; real of class 1: (0, 1)·(0.8, 0.6) → 0.8.
    np.testing.assert_allclose(found["real-template"].impostor, 4 * [0.8] + 4 * [4], atol=1e-6)
    np.testing.assert_allclose(found["template-template"].impostor, 4 * [2 + 2 * 0.8], atol=1e-6)
    assert [comparison.symmetric for comparison in found.values()] == [True, False, True]


@pytest.mark.parametrize("order", [("unet", "veiled"), ("veiled", "unet")])
def test_generators_are_compared_under_their_names_in_any_order(templates: Templates, order: tuple) -> None:
    stored = {"unet": templates, "veiled": Templates(templates.images, REAL, REAL.copy(), REAL.copy())}

    arms = compare_all({generator: stored[generator] for generator in order}, LABELS, LABELS)

    each = [(generator, comparison) for generator in order for comparison in ("real-template", "template-template")]
    assert list(arms) == [("real", "real-real"), *each]
    for comparison, its in templates.comparisons(LABELS, LABELS).items():
        generator = "real" if comparison == "real-real" else "unet"
        np.testing.assert_array_equal(arms[Arm(generator, comparison)].genuine, its.genuine)
    # F(T) = F(X): 0 within a class, (1, 0) and (0, 1) are 2 apart.
    np.testing.assert_allclose(arms[Arm("veiled", "real-template")].genuine, 4 * [0], atol=1e-6)
    np.testing.assert_allclose(arms[Arm("veiled", "real-template")].impostor, 8 * [2])
    np.testing.assert_allclose(arms[Arm("veiled", "template-template")].impostor, 4 * [2])
    assert not arms[Arm("veiled", "real-template")].symmetric
    assert arms[Arm("veiled", "template-template")].symmetric


def test_enrolled_are_the_images_and_every_generators_templates(templates: Templates) -> None:
    """Errata 3: what is enrolled with distortion is F(T), under the names of the comparisons above."""
    veiled = Templates(templates.images, REAL, -REAL, -REAL)

    vectors = enrolled({"unet": templates, "veiled": veiled})

    assert list(vectors) == [("real", "real-real"), ("unet", "real-template"), ("veiled", "real-template")]
    for arm, expected in zip(vectors, (REAL, DISTORTED, -REAL), strict=True):
        np.testing.assert_array_equal(vectors[arm], expected)


def test_one_generator_has_three_comparisons(templates: Templates) -> None:
    assert list(compare_all({"unet": templates}, LABELS, LABELS)) == [
        ("real", "real-real"),
        ("unet", "real-template"),
        ("unet", "template-template"),
    ]


def test_templates_survive_the_disk(tmp_path: Path, templates: Templates) -> None:
    templates.save(tmp_path / "templates.npz")

    loaded = Templates.load(tmp_path / "templates.npz")

    np.testing.assert_array_equal(loaded.images, templates.images, strict=True)
    np.testing.assert_array_equal(loaded.template_embeddings, DISTORTED, strict=True)
