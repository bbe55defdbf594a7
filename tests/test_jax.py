"""KERAS_BACKEND=jax: trained without TensorFlow, opened with it; and two devices that share each batch.

Keras' backend and the number of JAX's devices are fixed when they are first used: one process of two devices does all
of it, first on one of them. XLA takes seconds to compile what then trains in milliseconds.
"""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from masquerade.devices import share, use_devices
from masquerade.errors import InputError
from masquerade.saving import load_model

pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="jax is not installed"),
    pytest.mark.slow,
]

ROOT = Path(__file__).parents[1]

WITHOUT_TENSORFLOW = """
import sys

class NotInstalled:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "tensorflow":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, NotInstalled())
"""

PROGRAM = """
import importlib, json, pkgutil, runpy
from pathlib import Path

import jax, keras, numpy as np

import masquerade
from masquerade.data.image_set import with_names
from masquerade.devices import share, use_devices
from masquerade.embedders.centring import centre
from masquerade.embedders.dense import dense
from masquerade.embedders.triplet import train as train_triplet
from masquerade.errors import InputError
from masquerade.evaluation.distortion import image_distances
from masquerade.generators import kind
from masquerade.generators.distort import distort
from masquerade.generators.unet.network import unet
from masquerade.params import Generator, load_params
from masquerade.recognisability.judge import train_judge
from masquerade.saving import save_model
from masquerade.training import predict, seed_everything

for module in pkgutil.walk_packages(masquerade.__path__, "masquerade."):
    if ".migrations." not in module.name:  # Alembic runs those
        importlib.import_module(module.name)
for stage in Path("stages").glob("*.py"):
    runpy.run_path(str(stage))

folder, params, seed = Path(sys.argv[1]), load_params("params.yaml"), 7
digits = params.modality("digits")
images = np.random.default_rng(0).integers(0, 256, (32, 14, 14, 1), dtype=np.uint8)
images[:, :7] //= 2
known = with_names(images, [str(number % 4) for number in range(32)])
training = {"batch_size": 16, "steps": 4, "learning_rate": 0.05}
changes = {"width": 4, "depth": 1, "normalisation": "batch", "training": training}
# Not Adam, which makes a step of the rounding errors where a gradient is zero.
shared = Generator(alpha=0.2, beta=0.5, optimizer="sgd")

def frozen(network):
    return centre(network, predict(network, images).mean(axis=0))

def train_unet():
    embedder = frozen(dense((14, 14, 1), 16, 4, seed))
    before = embedder.get_weights()
    trained = kind("unet").train(
        embedder, images, images[:13], digits.settings("unet").changed(changes), shared, seed
    )
    return *trained, unchanged(before, embedder)

def unchanged(before, embedder):
    return all(np.array_equal(a, b) for a, b in zip(before, embedder.get_weights(), strict=True))

seed_everything(seed)
triplet = {"hidden": 16, "dimension": 4, "mining": "random", "batch_size": 16, "epochs": 2}
triplet = digits.triplet.model_copy(update=triplet)
network, curves = train_triplet(known, known, triplet, seed)
embedder = frozen(network)
before = embedder.get_weights()

unet_of_one, unet_curves, kept = train_unet()
veiled = {"width": 4, "steps": 24, "batch_size": 16, "learning_rate": 1e-2}
veiled, veiled_curves = kind("veiled").train(
    embedder, images, images, digits.settings("veiled").changed(veiled), params.generator, seed
)
judge = {"width": 4, "epochs": 3, "batch_size": 16, "mirror": True}
judge, judge_curves = train_judge(known, digits.judge.model_copy(update=judge), seed)

outputs, means = {}, {}
models = {"embedder": embedder, "unet": unet_of_one, "veiled": veiled, "judge": judge}
for name, model in models.items():
    save_model(model, folder / f"{name}.keras")
    outputs[name] = predict(model, images)
for name in ("unet", "veiled"):
    means[name] = image_distances(images, distort(models[name], embedder, images), 0.5).mean().to_dict()
np.savez(folder / "outputs.npz", images=images, **outputs)
kept = kept and unchanged(before, embedder)

def kill(epoch, row):
    raise KeyboardInterrupt

seed_everything(seed)  # a new process begins like the first
try:
    train_triplet(known, known, triplet, seed, folder / "backup", kill)
except KeyboardInterrupt:
    seed_everything(seed)
resumed, resumed_curves = train_triplet(known, known, triplet, seed, folder / "backup")

batches, make = [], jax.make_array_from_process_local_data

def recorded(*arguments):
    batches.append(make(*arguments))
    return batches[-1]

jax.make_array_from_process_local_data = recorded
untrained, shares = unet((14, 14, 1), 4, 1, "batch", seed).get_weights(), [share()]
use_devices(2)
shares.append(share())
unet_of_two, *_ = train_unet()
drawn = predict(unet_of_two, images[:13])
try:
    use_devices(3)
except InputError as error:
    refusal = error.message

pi = unet_curves["multiplier"] / (1 + unet_curves["multiplier"])
weights = [network.get_weights() for network in (unet_of_one, unet_of_two)]
print(json.dumps({
    "backend": keras.backend.backend(),
    "tensorflow": "tensorflow" in sys.modules,
    "embedder unchanged": kept,
    "losses": {name: its["loss"].tolist() for name, its in {
        "embedder": curves, "judge": judge_curves, "unet": unet_curves, "veiled": veiled_curves}.items()},
    "multipliers": unet_curves["multiplier"].tolist(),
    "unweighted": float(np.abs(unet_curves["loss"] - (1 - pi) * unet_curves["generated_loss"]
        - pi * unet_curves["embedding_loss"]).max()),
    "distances": means,
    "resumed": resumed_curves.equals(curves) and unchanged(network.get_weights(), resumed),
    "shares": shares,
    "shards": [[shard.data.shape for shard in batch.addressable_shards] for batch in batches if batch.ndim == 4],
    "devices": sorted({str(shard.device) for batch in batches for shard in batch.addressable_shards}),
    "moved": max(float(np.abs(w - n).max()) for w, n in zip(weights[0], untrained)),
    "difference": max(float(np.abs(a - b).max()) for a, b in zip(*weights)),
    "drawn": [len(drawn), float(np.abs(drawn - outputs["unet"][:13]).max())],
    "refusal": refusal,
}))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("jax")


@pytest.fixture(scope="module")
def trained(folder: Path) -> dict:
    """What the program says on JAX without TensorFlow; its models are in ``folder``."""
    environment = os.environ | {
        "KERAS_BACKEND": "jax",
        "JAX_PLATFORMS": "cpu",
        # Little optimised code, because compiling it is nearly all of the work here.
        "XLA_FLAGS": "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true "
        "--xla_cpu_use_fusion_emitters=false --xla_cpu_parallel_codegen_split_count=1 "
        "--xla_force_host_platform_device_count=2",
    }
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_TENSORFLOW + PROGRAM, folder],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_everything_trains_without_tensorflow(trained: dict) -> None:
    assert trained["backend"] == "jax"
    assert trained["tensorflow"] is False
    assert np.isfinite(np.concatenate(list(trained["losses"].values()))).all()
    # Noise has no classes for the others to learn, and the weights of the U-Net's losses change.
    assert trained["losses"]["veiled"][-1] < trained["losses"]["veiled"][0]
    for distances in trained["distances"].values():
        assert np.isfinite(list(distances.values())).all()
        assert distances["mse"] > 0


def test_dual_ascent_raises_the_weight_that_the_compiled_step_reads(trained: dict) -> None:
    """On JAX the variables of the losses are part of the network's state."""
    assert trained["unweighted"] < 1e-4
    assert trained["multipliers"][0] == pytest.approx(1 / 3)
    assert trained["multipliers"] == sorted(set(trained["multipliers"]))


def test_gradients_reach_the_generators_alone(trained: dict) -> None:
    assert trained["embedder unchanged"]


@pytest.mark.parametrize(
    ("name", "tolerance"),
    [
        ("embedder", 1e-4),
        ("unet", 1e-4),
        ("judge", 1e-4),
        ("veiled", 5e-3),
    ],  # the veiled noise magnifies the last digits of F(X)
)
def test_a_model_trained_on_jax_gives_the_same_on_tensorflow(
    trained: dict, folder: Path, name: str, tolerance: float
) -> None:
    if keras.backend.backend() != "tensorflow":
        pytest.skip("the tests run on another backend than TensorFlow")
    with np.load(folder / "outputs.npz") as outputs:
        images, expected = outputs["images"] / np.float32(255), outputs[name]

    found = load_model(folder / f"{name}.keras").predict(images, verbose=0)

    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance)
    assert np.ptp(found, axis=0).max() > 1e-3


def test_a_killed_training_ends_with_the_weights_and_curves_of_an_uninterrupted_one(trained: dict) -> None:
    """On JAX too, with a layer and a loss that draw numbers."""
    assert trained["resumed"]


def test_two_devices_share_each_batch_and_train_the_same_generator(trained: dict) -> None:
    assert trained["shares"] == [1, 2]
    halves = {first[0] for first, second in trained["shards"] if first == second}
    assert halves == {8, 7, 16}  # of the training's 16, of the 13 held-out images, of the 32 that F embeds at once
    assert all(len(shards) == 2 for shards in trained["shards"])
    assert len(trained["devices"]) == 2
    assert trained["moved"] > 1e-2
    assert trained["difference"] < 1e-4
    assert trained["drawn"][0] == 13
    assert trained["drawn"][1] < 1e-4
    assert trained["refusal"] == "params.yaml: devices: must be at most 2, as there are cpu:0, cpu:1"


def test_tensorflow_says_what_several_devices_need() -> None:
    if keras.backend.backend() != "tensorflow":
        pytest.skip("the tests run on another backend than TensorFlow")
    with pytest.raises(InputError, match=r"devices: 2 needs the JAX backend, not tensorflow: set KERAS_BACKEND=jax"):
        use_devices(2)
    use_devices(1)
    assert share() == 1
