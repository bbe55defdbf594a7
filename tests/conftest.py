"""What several test files need."""

import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import h5py
import numpy as np
import pytest
from filelock import FileLock
from fixture_types import Mutations, Png, TarMode, UnitVectors, WriteTar, WriteTree
from hypothesis import settings
from PIL import Image
from postgres import Server
from repository import FIRST_ON_PATH, ROOT, commit, succeed, working_copy
from ruamel.yaml import YAML

from masquerade import data
from masquerade.params import Params, load_params
from masquerade.report.targets import Targets, load_targets

if TYPE_CHECKING:
    import keras

# The same cases in every run: `--hypothesis-profile=default` draws new ones
settings.register_profile("same", derandomize=True)
settings.load_profile("same")


SLOW = {"tiny_params", "reproduced", "facenet", "trained", "empty_store", "committed"}
"""Fixtures that take seconds; whatever uses one is marked as slow."""


def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """Let pytest-xdist's processes end together: the pipeline first, last the tests of what it has made, the longest
    of these first."""
    for item in items:
        if SLOW & set(item.fixturenames):
            item.add_marker(pytest.mark.slow)
    items.sort(
        key=lambda item: (
            item.path.stem != "test_pipeline",
            bool({"finished", "reproduced"} & set(item.fixturenames)),
            item.path.stem != "test_extensions",
            item.get_closest_marker("slow") is None,
        )
    )


@pytest.fixture(scope="session", autouse=True)
def without_graph_optimiser() -> None:
    """TensorFlow's takes a sixth of a training of a few steps, and tests/warm_python.py does without it too."""
    if "tensorflow" in sys.modules:
        import tensorflow as tf

        tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})


@pytest.fixture(scope="session")
def params() -> Params:
    """The committed parameters."""
    return load_params(ROOT / "params.yaml")


@pytest.fixture(scope="session")
def targets() -> Targets:
    """The committed targets."""
    return load_targets(ROOT / "targets.yaml")


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture
def eagerly() -> Iterator[None]:
    """Without TensorFlow's graphs, whose tracing takes seconds for what then trains in milliseconds."""
    import keras

    if keras.backend.backend() != "tensorflow":
        yield
        return
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.fixture(scope="session")
def unit_vectors() -> UnitVectors:
    """Random unit vectors around class means: unit_vectors(labels, spread, seed)."""

    def make(labels: np.ndarray, spread: float = 0.5, dimension: int = 8, seed: int = 0) -> np.ndarray:
        rng = np.random.default_rng(seed)
        means = rng.normal(size=(labels.max() + 1, dimension))
        vectors = means[labels] + spread * rng.normal(size=(len(labels), dimension))
        return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)

    return make


@pytest.fixture(scope="session")
def png() -> Png:
    """An image, uint8 (h, w) or (h, w, 3), as the content of a .png file."""

    def encode(pixels: np.ndarray) -> bytes:
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "PNG")
        return buffer.getvalue()

    return encode


@pytest.fixture(scope="session")
def mutations() -> Mutations:
    """Damage a file's content in ``count`` ways, the same in every run: a bit flips, the end is lost, a stretch is
    zero, or other bytes slip in."""

    def damage(content: bytes, count: int) -> Iterator[bytes]:
        rng = np.random.default_rng(0)
        for number in range(count):
            damaged, at = bytearray(content), int(rng.integers(len(content)))
            match number % 4:
                case 0:
                    damaged[at] ^= 1 << int(rng.integers(8))
                case 1:
                    del damaged[at:]
                case 2:
                    damaged[at : at + 64] = bytes(len(damaged[at : at + 64]))
                case 3:
                    damaged[at:at] = rng.bytes(8)
            yield bytes(damaged)

    return damage


@pytest.fixture(scope="session")
def write_tree() -> WriteTree:
    """Write path → content below a folder."""

    def write(folder: Path, files: Mapping[str, bytes]) -> Path:
        for path, content in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        return folder

    return write


@pytest.fixture(scope="session")
def write_tar() -> WriteTar:
    """Write path → content as a tar archive, members in the order of the dictionary."""

    def write(archive: Path, files: Mapping[str, bytes], mode: TarMode = "w:gz") -> Path:
        with tarfile.open(archive, mode) as tar:
            for path, content in files.items():
                member = tarfile.TarInfo(path)
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
        return archive

    return write


@pytest.fixture(scope="session")
def facenet() -> "Iterator[keras.Model]":
    """keras-facenet's own network with random weights, none of them at a value that hides a mistake.

    For the whole session its loops make each kind of block once, not 5, 10 and 5 times: all kinds of layers are there,
    in a third of the time.
    """
    pytest.importorskip("keras_facenet")
    import keras
    from keras_facenet import inception_resnet_v1

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inception_resnet_v1, "range", lambda first, _: range(first, first + 1), raising=False)
        keras.utils.set_random_seed(0)
        yield with_random_weights(inception_resnet_v1.InceptionResNetV1((160, 160, 3), classes=512))


def with_random_weights(model: "keras.Model") -> "keras.Model":
    rng = np.random.default_rng(0)
    for weight in model.weights:
        if weight.name in ("bias", "beta", "moving_mean"):
            weight.assign(rng.normal(0, 0.1, weight.shape))
        elif weight.name == "moving_variance":
            weight.assign(rng.uniform(0.5, 1.5, weight.shape))
    return model


@pytest.fixture(scope="session")
def facenet_weights(facenet: "keras.Model", tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its weights in the layout of the release's .h5 file: a group for each layer, in it layer/variable:0."""
    path = tmp_path_factory.mktemp("weights") / "weights.h5"
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [layer.name for layer in facenet.layers]
        for layer in facenet.layers:
            group = file.create_group(layer.name)
            group.attrs["weight_names"] = [f"{layer.name}/{weight.name}:0" for weight in layer.weights]
            for weight in layer.weights:
                group[f"{layer.name}/{weight.name}:0"] = weight.numpy()
    return path


@pytest.fixture(scope="session")
def tiny_params(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The committed params.yaml on 200 real digits and 12 real people with four images each, in minutes of work."""
    trees = tmp_path_factory.mktemp("images")
    for modality, dataset, size, classes, each in [("digits", "mnist5k", 28, 10, 20), ("faces", "orl", 92, 12, 4)]:
        image_set = data.read(dataset, None, size)
        for label in range(classes):
            (trees / modality / str(image_set.names[label])).mkdir(parents=True)
            for index, image in enumerate(image_set.images[image_set.labels == label][:each]):
                name = str(image_set.names[label])  # files are numbered as LFW's are
                Image.fromarray(image.squeeze()).save(trees / modality / name / f"{name}_{index + 1:04}.png")
    yaml = YAML()
    params = yaml.load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    for modality, batch_size in [("digits", 40), ("faces", 8)]:  # both divide both halves
        params[modality] |= {"dataset": "folder", "source": str(trees / modality)}
        params[modality]["augmentation"] |= {"copies": 0}
        params[modality]["unet"] |= {"width": 4, "depth": 2}
        params[modality]["unet"]["training"] |= {"steps": 2, "batch_size": batch_size, "jit_compile": False}
        params[modality]["veiled"] |= {"width": 8, "steps": 2, "batch_size": 8}
        params[modality]["keyed"] |= {"components": 8}
        params[modality]["refinement"] |= {"veiled": 2, "keyed": 1}
        params[modality]["judge"] |= {"width": 4, "epochs": 1, "batch_size": batch_size}
    params["digits"]["triplet"] |= {"epochs": 2, "hidden": 32, "batch_size": 32}
    params["faces"]["veiled"] |= {"batch_size": 32}  # dlib's network takes a few large batches in less time
    params["faces"] |= {"image_size": 32, "test_fraction": 0.5}
    params["evaluation"] |= {"bootstrap": 20}
    params["evaluation"]["mock_system"] |= {"repeats": 2, "attempts": 50}
    params["alpha_sweep"] |= {"alphas": [0.0, 4.0]}
    params["alpha_sweep"]["settings"]["training"] |= {"steps": 1}
    loss = {"distance": "dssim", "pi_emb": 0.999}
    contours = {"alpha": 0.0, "settings": {"loss": loss, "training": {"steps": 1}}}
    params["failure_modes"] |= {"provocations": {"contours": contours}}
    params["attacks"] |= {"draws": 2, "examples": [8], "inversion_steps": 1}
    params["recognisability"] |= {"images": 24, "detections": 1, "enrolled": [8]}
    params["attacks"] |= {"renewals": 1}
    text = io.StringIO()
    yaml.dump(params, text)
    return text.getvalue()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """One server for all tests of a process. Its own user must be able to enter the folder, so it is not tmp_path."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    server = Server(folder / "server")
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def warm_python(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A python first on PATH that has the heavy libraries imported."""
    folder = tmp_path_factory.mktemp("warm")
    command: list[str | Path] = [sys.executable, ROOT / "tests/warm_python.py", folder]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"
        FIRST_ON_PATH.insert(0, str(folder))
        yield
        FIRST_ON_PATH.remove(str(folder))


@pytest.fixture(scope="session")
def reproduced(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder with a clone after `dvc repro` with tiny parameters, what DVC printed, and a copy of its results.

    It is made once, by the first of pytest-xdist's processes that asks for it.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "reproduced"
    with FileLock(f"{folder}.lock"):
        if not (folder / "repro.log").exists():
            request.getfixturevalue("warm_python")
            folder.mkdir()
            clone = working_copy(folder / "masquerade")
            (clone / "params.yaml").write_text(request.getfixturevalue("tiny_params"), encoding="utf-8")
            (clone / "dvc.lock").unlink()  # after each stage DVC reads and writes all that it holds
            commit(clone, "Tiny parameters")
            output = succeed(clone, "dvc", "repro")
            commit(clone, "Results")
            succeed(clone, "git", "tag", "results")
            for name in ("data", "models", "reports"):
                ignored = shutil.ignore_patterns(".gitignore", "paper-scale")
                shutil.copytree(clone / name, folder / "finished" / name, ignore=ignored)
            for name in ("params.yaml", "targets.yaml"):
                shutil.copy(clone / name, folder / "finished")
            (folder / "repro.log").write_text(output, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def finished(reproduced: Path) -> Path:
    """The folder of a project whose stages have all run, without DVC, git and MLflow's store."""
    return reproduced / "finished"
