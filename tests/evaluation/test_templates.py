from pathlib import Path

import numpy as np
import pytest

from masquerade.evaluation.templates import Templates, compare_all, enrolled

REAL = np.array([[1, 0], [1, 0], [0, 1], [0, 1]], dtype=np.float32)
DISTORTED = np.array([[0.8, 0.6], [0.8, 0.6], [-1, 0], [-1, 0]], dtype=np.float32)
LABELS = np.array([0, 0, 1, 1])


@pytest.fixture
def templates() -> Templates:
    return Templates(np.zeros((4, 8, 8, 1), dtype=np.uint8), REAL, DISTORTED)


def test_d_emb_is_the_squared_distance_of_each_picture(templates: Templates) -> None:
    np.testing.assert_allclose(templates.d_emb, [0.4, 0.4, 2, 2], rtol=1e-6)


def test_arms_probe_with_the_first_and_enrol_the_second(templates: Templates) -> None:
    arms = templates.arms(LABELS, LABELS)

    assert list(arms) == ["real_real", "real_template", "template_template"]
    np.testing.assert_allclose(arms["real_real"].genuine, [0, 0], atol=1e-6)
    np.testing.assert_allclose(arms["real_real"].impostor, 4 * [2])
    # Errata 3: a distorted template is enrolled; its distance to a plain probe of its class is not 0.
    np.testing.assert_allclose(arms["real_template"].genuine, [0.4, 0.4, 2, 2], atol=1e-6)
    # Real of class 0 with templates of class 1: (1, 0)·(−1, 0) → 4; real of class 1: (0, 1)·(0.8, 0.6) → 0.8.
    np.testing.assert_allclose(arms["real_template"].impostor, 4 * [0.8] + 4 * [4], atol=1e-6)
    np.testing.assert_allclose(arms["template_template"].impostor, 4 * [2 + 2 * 0.8], atol=1e-6)
    assert [arm.symmetric for arm in arms.values()] == [True, False, True]


def test_generators_are_compared_under_their_names_and_the_first_as_the_paper_does(templates: Templates) -> None:
    veiled = Templates(templates.images, REAL, REAL.copy())

    arms = compare_all({"unet": templates, "veiled": veiled}, LABELS, LABELS)

    assert list(arms) == ["real_real", "real_template", "template_template", "real_veiled", "veiled_veiled"]
    for name, arm in templates.arms(LABELS, LABELS).items():
        np.testing.assert_array_equal(arms[name].genuine, arm.genuine)
    # F(T) = F(X): 0 within a class, (1, 0) and (0, 1) are 2 apart.
    np.testing.assert_allclose(arms["real_veiled"].genuine, 4 * [0], atol=1e-6)
    np.testing.assert_allclose(arms["real_veiled"].impostor, 8 * [2])
    np.testing.assert_allclose(arms["veiled_veiled"].impostor, 4 * [2])
    assert (arms["real_veiled"].symmetric, arms["veiled_veiled"].symmetric) == (False, True)


def test_with_the_other_generator_first_the_names_change_places(templates: Templates) -> None:
    veiled = Templates(templates.images, REAL, REAL.copy())

    arms = compare_all({"veiled": veiled, "unet": templates}, LABELS, LABELS)

    assert list(arms) == ["real_real", "real_template", "template_template", "real_unet", "unet_unet"]
    np.testing.assert_allclose(arms["real_template"].genuine, 4 * [0], atol=1e-6)
    np.testing.assert_allclose(arms["real_unet"].genuine, [0.4, 0.4, 2, 2], atol=1e-6)


def test_enrolled_are_the_pictures_and_every_generators_templates(templates: Templates) -> None:
    """Errata 3: what is enrolled with distortion is F(T), under the names of the comparisons above."""
    veiled = Templates(templates.images, REAL, -REAL)

    vectors = enrolled({"unet": templates, "veiled": veiled})

    assert list(vectors) == ["real_real", "real_template", "real_veiled"]
    for name, expected in zip(vectors, (REAL, DISTORTED, -REAL), strict=True):
        np.testing.assert_array_equal(vectors[name], expected)


def test_one_generator_has_the_three_arms(templates: Templates) -> None:
    assert list(compare_all({"unet": templates}, LABELS, LABELS)) == ["real_real", "real_template", "template_template"]


def test_templates_survive_the_disk(tmp_path: Path, templates: Templates) -> None:
    templates.save(tmp_path / "templates.npz")

    loaded = Templates.load(tmp_path / "templates.npz")

    np.testing.assert_array_equal(loaded.images, templates.images, strict=True)
    np.testing.assert_array_equal(loaded.template_embeddings, DISTORTED, strict=True)
