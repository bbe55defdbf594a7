"""How fast the parts of the pipeline are, with the committed parameters: `make benchmark`, two minutes on two cores.

Rates are in ``extra_info`` of `pytest --benchmark-json`; the networks are the real ones, untrained where training
would only change the weights.
"""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from masquerade.evaluation.bootstrap import interval, resampled_eers
from masquerade.evaluation.pairs import compare
from masquerade.params import Modality, Params

pytestmark = pytest.mark.skipif(
    "not config.getoption('benchmark_only')", reason="`make benchmark` measures on an otherwise idle machine"
)

ROOT = Path(__file__).parents[2]
STEPS = {"digits": 12, "faces": 3}
RNG = np.random.default_rng(0)


def pictures(section: Modality, count: int) -> np.ndarray:
    return RNG.integers(0, 256, (count, section.image_size, section.image_size, 1), dtype=np.uint8)


def embedder(section: Modality):
    """The modality's own network, centred like the pipeline's."""
    from masquerade.embedders.centring import centre
    from masquerade.embedders.dense import dense
    from masquerade.embedders.dlib import dlib_network

    shape = (section.image_size, section.image_size, 1)
    if section.embedder == "dlib":
        return centre(dlib_network(shape, None), np.zeros(128))
    assert section.triplet is not None, f"no benchmark for the embedder {section.embedder}"
    network = dense(shape, section.triplet.hidden, section.triplet.dimension)
    return centre(network, np.zeros(section.triplet.dimension))


@pytest.mark.parametrize("modality", ["digits", "faces"])  # in this order: determinism, once on, excludes XLA
def test_training_images_per_second(benchmark, params: Params, modality: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forward and backward through G and F, by Keras' fit, without the compilation."""
    from masquerade.generator import trainer
    from masquerade.training import seed_everything

    section = params.modality(modality)
    section = section.model_copy(update={"training": section.training.model_copy(update={"copies": 0})})
    caught = {}

    def catch(network, training, *_: object, **__: object) -> pd.DataFrame:
        caught.update(network=network, training=training)
        return pd.DataFrame()

    monkeypatch.setattr(trainer, "fit", catch)
    seed_everything(params.seed, section.training.jit_compile)
    images = pictures(section, STEPS[modality] * section.training.batch_size)
    trainer.train_generator(embedder(section), images, images[:2], section, params.generator, params.seed)

    fit: Callable = caught["network"].fit
    benchmark.pedantic(fit, (caught["training"],), {"verbose": 0}, rounds=3, warmup_rounds=1)
    benchmark.extra_info["images_per_second"] = round(len(images) / benchmark.stats["min"], 1)


@pytest.mark.parametrize("modality", ["digits", "faces"])
def test_distort_images_per_second(benchmark, params: Params, modality: str) -> None:
    """G(X), its 8-bit rounding, F(X) and F(T)."""
    from masquerade.generator.distort import distort
    from masquerade.generator.unet import unet

    section = params.modality(modality)
    images = pictures(section, {"digits": 512, "faces": 64}[modality])
    generator = unet(images.shape[1:], section.unet.width, section.unet.depth, section.unet.normalisation)

    benchmark.pedantic(distort, (generator, embedder(section), images), rounds=3, warmup_rounds=1)
    benchmark.extra_info["images_per_second"] = round(len(images) / benchmark.stats["min"], 1)


def test_comparisons_per_second(benchmark, params: Params, unit_vectors: Callable[..., np.ndarray]) -> None:
    """1,000 probes against 1,000 templates of ten classes: EER and its bootstrap interval over pictures."""
    labels = np.arange(1000) % 10
    probes, templates = unit_vectors(labels, spread=0.6), unit_vectors(labels, spread=0.7)

    def verify() -> tuple[float, list[float]]:
        comparison = compare(probes, templates, labels, np.arange(1000))
        samples = resampled_eers(comparison, params.evaluation.bootstrap, params.seed)
        return comparison.rates.eer, interval(samples, params.evaluation.confidence)

    eer, (low, high) = benchmark.pedantic(verify, rounds=3, warmup_rounds=1)
    benchmark.extra_info["comparisons_per_second"] = round(1000 * 999 / benchmark.stats["min"])
    assert low <= eer <= high


def test_ten_thousand_pictures(benchmark, params: Params, unit_vectors: Callable[..., np.ndarray]) -> None:
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
def test_cold_start(benchmark, stage: str) -> None:
    """Imports: what every stage costs before it does anything."""
    command = [sys.executable, str(ROOT / "stages" / f"{stage}.py"), "--help"]

    benchmark.pedantic(subprocess.run, (command,), {"check": True, "capture_output": True}, rounds=2)
    benchmark.extra_info["seconds"] = round(benchmark.stats["min"], 2)
