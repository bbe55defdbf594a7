"""What share of the machine the paper's own architectures use in training: `make benchmark`, ten minutes on two cores.

The paper's U-Net has 64 filters at its first level (errata 8): two halvings for 28×28 digits, four with batch
normalisation for 160×160 faces in colour. Trained by Keras' fit through the embedder, as in the pipeline. The peak is
one large float32 product on the same machine, minutes before.
"""

from typing import Any

import keras
import numpy as np
import pytest

from masquerade.embedders.centring import centre
from masquerade.embedders.dense import dense
from masquerade.embedders.dlib import dlib_network
from masquerade.generator import trainer
from masquerade.generator.cost import gflop_per_image
from masquerade.params import Params
from masquerade.training import Batches, seed_everything

pytestmark = pytest.mark.skipif(
    "not config.getoption('benchmark_only')", reason="`make benchmark` measures on an otherwise idle machine"
)

PAPER: dict[str, dict[str, Any]] = {
    "digits": {"shape": (28, 28, 1), "unet": {"depth": 2, "normalisation": "none"}, "batch": 64, "steps": 8},
    "faces": {"shape": (160, 160, 3), "unet": {"depth": 4, "normalisation": "batch"}, "batch": 32, "steps": 2},
}


@pytest.fixture(scope="module")
def peak() -> float:
    """GFLOP/s of a product of two 3072×3072 matrices, the best of ten."""
    import time

    a = keras.random.normal((3072, 3072))
    seconds = []
    for _ in range(10):
        started = time.perf_counter()
        keras.ops.convert_to_numpy(keras.ops.matmul(a, a)[0, 0])
        seconds.append(time.perf_counter() - started)
    return 2 * 3072**3 / min(seconds) / 1e9


@pytest.mark.parametrize("jit_compile", [False, True], ids=["plain", "xla"])
@pytest.mark.parametrize("modality", PAPER)
def test_share_of_peak(
    benchmark, params: Params, peak: float, modality: str, jit_compile: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting, section = PAPER[modality], params.modality(modality)
    training = {"batch_size": setting["batch"], "copies": 0, "jit_compile": jit_compile}
    section = section.model_copy(
        update={
            "unet": section.unet.model_copy(update={"width": 64, **setting["unet"]}),
            "training": section.training.model_copy(update=training),
        }
    )
    if section.embedder == "dlib":
        embedder = centre(dlib_network(setting["shape"], None), np.zeros(128))
    else:
        assert section.triplet is not None
        hidden, dimension = section.triplet.hidden, section.triplet.dimension
        embedder = centre(dense(setting["shape"], hidden, dimension), np.zeros(dimension))

    caught: dict[str, Any] = {}

    class Caught(Exception):
        """The network is built and compiled; the benchmark runs it."""

    def catch(network: keras.Model, batches: Batches, *_: object, **__: object) -> None:
        caught.update(network=network, batches=batches)
        raise Caught

    monkeypatch.setattr(trainer, "fit", catch)
    seed_everything(params.seed, jit_compile=True)  # determinism excludes XLA, and half of this is XLA's
    count = setting["steps"] * setting["batch"]
    images = np.random.default_rng(0).integers(0, 256, (count, *setting["shape"]), dtype=np.uint8)
    with pytest.raises(Caught):
        trainer.train_generator(embedder, images, images[:2], section, params.generator, params.seed)

    benchmark.pedantic(caught["network"].fit, (caught["batches"],), {"verbose": 0}, rounds=2, warmup_rounds=1)
    rate = count / benchmark.stats["min"]
    generator = caught["network"].get_layer("generator")
    operations = 3 * gflop_per_image(generator) + 2 * gflop_per_image(embedder)
    benchmark.extra_info |= {
        "images_per_second": round(rate, 2),
        "gflop_per_image": round(operations, 2),
        "peak_gflop_per_second": round(peak),
        "share_of_peak": round(rate * operations / peak, 3),
    }
