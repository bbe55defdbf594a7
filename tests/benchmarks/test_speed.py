"""How fast the parts of the pipeline are, with the committed parameters: `make benchmark`, ten minutes on two cores.

Rates are in ``extra_info`` of `pytest --benchmark-json`; the networks are the real ones, untrained where training
would only change the weights.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from fixture_types import UnitVectors
from pytest_benchmark.fixture import BenchmarkFixture

from masquerade.evaluation.bootstrap import interval, resampled_eers
from masquerade.evaluation.pairs import compare
from masquerade.params import Modality, Params

if TYPE_CHECKING:
    import keras

pytestmark = pytest.mark.skipif(
    "not config.getoption('benchmark_only')", reason="`make benchmark` measures on an otherwise idle machine"
)

ROOT = Path(__file__).parents[2]
STEPS = {"digits": 12, "faces": 3}
RNG = np.random.default_rng(0)
PAPER: dict[str, dict[str, Any]] = {
    "digits": {"shape": (28, 28, 1), "unet": {"depth": 2, "normalisation": "none"}, "batch": 64, "steps": 40},
    "faces": {"shape": (160, 160, 3), "unet": {"depth": 4, "normalisation": "batch"}, "batch": 32, "steps": 4},
}
"""The paper's U-Nets have 64 filters at their first level (errata 8)."""


def noise(count: int, shape: tuple[int, ...]) -> np.ndarray:
    return RNG.integers(0, 256, (count, *shape), dtype=np.uint8)


def own_shape(section: Modality) -> tuple[int, int, int]:
    return (section.image_size, section.image_size, 1)


def embedder(section: Modality, shape: tuple[int, int, int]) -> "keras.Model":
    """The modality's own network, centred like the pipeline's."""
    from masquerade.embedders.centring import centre
    from masquerade.embedders.dense import dense
    from masquerade.embedders.dlib import network as dlib_network

    if section.embedder == "dlib":
        return centre(dlib_network(shape, None), np.zeros(128))
    assert section.triplet is not None, f"no benchmark for the embedder {section.embedder}"
    network = dense(shape, section.triplet.hidden, section.triplet.dimension)
    return centre(network, np.zeros(section.triplet.dimension))


def compiled(
    section: Modality, settings: Any, images: np.ndarray, params: Params, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """The ``network`` and the ``training`` batches that the U-Net's training would fit."""
    from masquerade.generators.unet import training as trainer

    caught: dict[str, Any] = {}

    def catch(network: object, training: object, *_: object, **__: object) -> pd.DataFrame:
        caught.update(network=network, training=training)
        return pd.DataFrame()

    monkeypatch.setattr(trainer, "EPOCHS", 1)
    monkeypatch.setattr(trainer, "fit", catch)
    trainer.train(embedder(section, images.shape[1:]), images, None, settings, params.generator, params.seed)
    return caught


def peak() -> float:
    """GFLOP/s of a product of two 3072×3072 matrices, the best of ten."""
    import keras

    a = keras.random.normal((3072, 3072))
    seconds = []
    for _ in range(10):
        started = time.perf_counter()
        keras.ops.convert_to_numpy(keras.ops.matmul(a, a)[0, 0])
        seconds.append(time.perf_counter() - started)
    return 2 * 3072**3 / min(seconds) / 1e9


# First of all trainings: determinism, once on, excludes XLA.
@pytest.mark.parametrize("jit_compile", [False, True], ids=["plain", "xla"])
@pytest.mark.parametrize("modality", PAPER)
def test_share_of_peak(
    benchmark: BenchmarkFixture, params: Params, modality: str, jit_compile: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The paper's own architectures through F, by Keras' fit, beside one large product on the same machine.

    The steps are timed from the end of the first to the end of the last, what Keras does between them included: what
    TensorFlow does once before and after a training (tf.data ends with up to ten idle seconds) is lost in a real one.
    """
    import keras

    from masquerade.generators.cost import gflop_per_image
    from masquerade.training import seed_everything

    setting, section = PAPER[modality], params.modality(modality)
    training = {"batch_size": setting["batch"], "jit_compile": jit_compile, "steps": setting["steps"]}
    loss = {"pi_emb": 0.9}  # a constant, which needs no validation
    settings = section.settings("unet").changed({"width": 64, **setting["unet"], "loss": loss, "training": training})
    seed_everything(params.seed, jit_compile=True)  # half of this is XLA's
    images = noise(setting["steps"] * setting["batch"], setting["shape"])
    caught = compiled(section, settings, images, params, monkeypatch)
    ends: list[float] = []
    clock = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: ends.append(time.perf_counter()))

    before = peak()
    fit: Callable = caught["network"].fit
    benchmark.pedantic(fit, (caught["training"],), {"verbose": 0, "callbacks": [clock]}, rounds=2, warmup_rounds=1)
    steps = np.diff(np.reshape(ends, (-1, setting["steps"])))[1:]  # after the warm-up
    step = steps.mean(axis=1).min()
    started = time.perf_counter()
    for batch in range(len(caught["training"])):
        caught["training"][batch]
    feeding = (time.perf_counter() - started) / setting["steps"]
    generator, frozen = (caught["network"].get_layer(name) for name in ("generator", "embedder"))
    operations = 3 * gflop_per_image(generator) + 2 * gflop_per_image(frozen)
    product, rate = max(before, peak()), setting["batch"] / step
    benchmark.extra_info |= {
        "images_per_second": round(rate, 2),
        "gflop_per_image": round(operations, 2),
        "peak_gflop_per_second": round(product),
        "share_of_peak": round(rate * operations / product, 3),
        "feeding_share": round(feeding / step, 4),
    }


@pytest.mark.parametrize("modality", ["digits", "faces"])
def test_training_images_per_second(
    benchmark: BenchmarkFixture, params: Params, modality: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forward and backward through G and F, by Keras' fit, without the compilation."""
    from masquerade.training import seed_everything

    section = params.modality(modality)
    settings = section.settings("unet").changed({"loss": {"pi_emb": 0.9}, "training": {"steps": STEPS[modality]}})
    seed_everything(params.seed, settings.compiled)
    images = noise(STEPS[modality] * settings.training.batch_size, own_shape(section))
    caught = compiled(section, settings, images, params, monkeypatch)

    fit: Callable = caught["network"].fit
    benchmark.pedantic(fit, (caught["training"],), {"verbose": 0}, rounds=3, warmup_rounds=1)
    benchmark.extra_info["images_per_second"] = round(len(images) / benchmark.stats["min"], 1)


@pytest.mark.parametrize("modality", ["digits", "faces"])
def test_distort_images_per_second(benchmark: BenchmarkFixture, params: Params, modality: str) -> None:
    """G(X), its 8-bit rounding, F(X) and F(T)."""
    from masquerade.generators.distort import distort
    from masquerade.generators.unet.network import unet

    section = params.modality(modality)
    settings = section.settings("unet")
    images = noise({"digits": 512, "faces": 64}[modality], own_shape(section))
    generator = unet(images.shape[1:], settings.width, settings.depth, settings.normalisation)

    benchmark.pedantic(distort, (generator, embedder(section, images.shape[1:]), images), rounds=3, warmup_rounds=1)
    benchmark.extra_info["images_per_second"] = round(len(images) / benchmark.stats["min"], 1)


def test_comparisons_per_second(benchmark: BenchmarkFixture, params: Params, unit_vectors: UnitVectors) -> None:
    """1,000 probes against 1,000 templates of ten classes: EER and its bootstrap interval over images."""
    labels = np.arange(1000) % 10
    probes, templates = unit_vectors(labels, spread=0.6), unit_vectors(labels, spread=0.7)

    def verify() -> tuple[float, list[float]]:
        comparison = compare(probes, templates, labels, np.arange(1000))
        samples = resampled_eers(comparison, params.evaluation.bootstrap, params.seed)
        return comparison.rates.eer, interval(samples, params.evaluation.confidence)

    eer, (low, high) = benchmark.pedantic(verify, rounds=3, warmup_rounds=1)
    benchmark.extra_info["comparisons_per_second"] = round(1000 * 999 / benchmark.stats["min"])
    assert low <= eer <= high


def test_ten_thousand_images(benchmark: BenchmarkFixture, params: Params, unit_vectors: UnitVectors) -> None:
    """10,000 probes against 10,000 templates, MNIST's test set: EER, the points of ROC and DET, bootstrap interval."""
    labels = np.arange(10_000) % 10
    probes, templates = unit_vectors(labels, spread=0.6), unit_vectors(labels, spread=0.7)

    def verify() -> tuple[float, list[float], pd.DataFrame]:
        comparison = compare(probes, templates, labels, np.arange(10_000))
        samples = resampled_eers(comparison, params.evaluation.bootstrap, params.seed)
        return comparison.rates.eer, interval(samples, params.evaluation.confidence), comparison.rates.table(400)

    eer, (low, high), curve = benchmark.pedantic(verify, rounds=1)
    benchmark.extra_info["seconds"] = round(benchmark.stats["min"], 2)
    benchmark.extra_info["comparisons_per_second"] = round(10_000 * 9_999 / benchmark.stats["min"])
    assert low <= eer <= high
    assert curve["fnmr"].iloc[[0, -1]].tolist() == [1, 0]


@pytest.mark.parametrize("stage", sorted(path.stem for path in (ROOT / "stages").glob("*.py")))
def test_cold_start(benchmark: BenchmarkFixture, stage: str) -> None:
    """Imports: what every stage costs before it does anything."""
    command = [sys.executable, str(ROOT / "stages" / f"{stage}.py"), "--help"]

    benchmark.pedantic(subprocess.run, (command,), {"check": True, "capture_output": True}, rounds=2)
    benchmark.extra_info["seconds"] = round(benchmark.stats["min"], 2)
