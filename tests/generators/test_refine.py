import keras
import numpy as np
import pytest
from keras import layers

from masquerade.generators import refine as module
from masquerade.generators.refine import refine


@pytest.fixture
def embedder() -> keras.Model:
    """Unit vectors of three pixels: F(x, y, z) = (x, y, z) / ‖(x, y, z)‖."""
    return keras.Sequential([layers.Input((1, 3, 1)), layers.Flatten(), layers.UnitNormalization()])


def images(*pixels: list[float]) -> np.ndarray:
    return np.array(pixels, np.float32).reshape(-1, 1, 3, 1)


def test_one_step_of_polyak_worked_out_by_hand() -> None:
    """F(t) = t, two pixels: d = ‖t − y‖², ∇d = 2·(t − y), so the step d / ‖∇d‖² · ∇d is half of t − y."""
    flat = keras.Sequential([layers.Input((1, 2, 1)), layers.Flatten()])
    templates = np.array([[0.2, 0.8], [0.6, 0.4]], np.float32).reshape(2, 1, 2, 1)
    targets = np.array([[0.6, 0.4], [0.6, 0.9]], np.float32)

    refined = refine(templates, targets, flat, steps=1)

    np.testing.assert_allclose(refined.reshape(2, 2), [[0.4, 0.6], [0.6, 0.65]], atol=1e-4)


def test_the_second_step_keeps_a_share_of_the_first() -> None:
    """As above, after the first step (0.4, 0.6): the next is half of what is left, 0.1, and 0.8 · 0.2."""
    flat = keras.Sequential([layers.Input((1, 2, 1)), layers.Flatten()])

    refined = refine(
        np.array([0.2, 0.8], np.float32).reshape(1, 1, 2, 1), np.array([[0.6, 0.4]], np.float32), flat, steps=2
    )

    np.testing.assert_allclose(refined.ravel(), [0.66, 0.34], atol=1e-4)


def test_templates_come_nearer_and_stay_in_range(embedder: keras.Model, rng: np.random.Generator) -> None:
    templates = rng.random((5, 1, 3, 1), dtype=np.float32)
    targets = np.abs(rng.standard_normal((5, 3))).astype(np.float32)
    targets /= np.linalg.norm(targets, axis=1, keepdims=True)

    def d_emb(stored: np.ndarray) -> np.ndarray:
        return np.sum((embedder.predict(stored, verbose=0) - targets) ** 2, axis=1)

    refined = refine(templates, targets, embedder, steps=6)

    assert refined.shape == templates.shape
    assert refined.min() >= 0
    assert refined.max() <= 1
    assert d_emb(templates).max() > 0.1
    assert d_emb(refined).max() <= 0.0201


def test_each_template_is_refined_by_itself(
    embedder: keras.Model, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither its neighbours nor a last, smaller batch change a template."""
    monkeypatch.setattr(module, "TOGETHER", 2)
    templates = rng.random((5, 1, 3, 1), dtype=np.float32)
    targets = np.eye(3, dtype=np.float32)[[0, 1, 2, 0, 1]]

    together = refine(templates, targets, embedder, steps=3)
    alone = np.concatenate([refine(templates[[i]], targets[[i]], embedder, steps=3) for i in range(5)])

    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_no_steps_change_nothing(embedder: keras.Model) -> None:
    templates = images([0.1, 0.5, 0.9])

    np.testing.assert_array_equal(refine(templates, np.array([[1, 0, 0]], np.float32), embedder, steps=0), templates)


def test_perfect_template_stays_finite(embedder: keras.Model) -> None:
    refined = refine(images([1, 0, 0]), np.array([[1, 0, 0]], np.float32), embedder, steps=3)

    np.testing.assert_allclose(refined.ravel(), [1, 0, 0], atol=1e-3)


def test_embedder_is_not_trained(embedder: keras.Model) -> None:
    with_weights = keras.Sequential([layers.Input((1, 3, 1)), layers.Flatten(), layers.Dense(3)])
    before = [weight.copy() for weight in with_weights.get_weights()]

    refine(images([0.1, 0.5, 0.9]), np.array([[1, 0, 0]], np.float32), with_weights, steps=3)

    for old, new in zip(before, with_weights.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_refinement_ends_where_the_template_is_near_enough() -> None:
    """F(t) = t, one pixel, target 0: 0.1 is near enough and stays. From 1, the steps are 1/2 and 1/4 + 0.8/2: 0 after
    them, because a pixel is not negative, and then it stays."""
    flat = keras.Sequential([layers.Input((1, 1, 1)), layers.Flatten()])
    far_and_near = np.array([1.0, 0.1], np.float32).reshape(2, 1, 1, 1)

    refined = refine(far_and_near, np.zeros((2, 1), np.float32), flat, steps=100)

    np.testing.assert_allclose(refined.ravel(), [0, 0.1], atol=1e-5)
