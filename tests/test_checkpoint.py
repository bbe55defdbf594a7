import re
import resource
import shutil
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
from keras import layers
from small_trainings import Kill, KilledError, Trained, batches, plain_network, trained

from masquerade.embedders.triplet_loss import TripletLoss
from masquerade.errors import InputError
from masquerade.training import fit

pytestmark = pytest.mark.slow


def triplet_network() -> keras.Model:
    """As embedders/triplet.py composes and compiles it: the shifts are random, and with random mining the loss is."""
    shift = layers.RandomTranslation(0.2, 0.2, seed=7)
    network = keras.Sequential([layers.Input((8, 8, 1)), shift, plain_network(), layers.UnitNormalization()])
    network.compile(keras.optimizers.Adam(1e-2), loss=TripletLoss(0.2, "random", seed=7))
    return network


@pytest.fixture(scope="module")
def undisturbed() -> Trained:
    """The plain network after four epochs."""
    return trained(plain_network())


def resume(backup: Path, build: Callable[[], keras.Model], moment: str) -> Trained:
    """Train a network that is killed and resumed."""
    keras.utils.set_random_seed(7)
    killed = build()
    with pytest.raises(KilledError):
        fit(killed, *batches(killed), 4, backup, [Kill(moment)])

    keras.utils.set_random_seed(7)  # a new process begins like the first
    resumed = build()
    return fit(resumed, *batches(resumed), 4, backup), resumed.get_weights()


def assert_same(found: Trained, expected: Trained) -> None:
    pd.testing.assert_frame_equal(found[0], expected[0], check_exact=True)
    for a, b in zip(found[1], expected[1], strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("moment", ["between epochs", "inside an epoch", "before saving"])
def test_killed_training_ends_with_the_weights_and_curves_of_an_uninterrupted_one(
    tmp_path: Path, undisturbed: Trained, moment: str
) -> None:
    curves, weights = resume(tmp_path / "backup", plain_network, moment)

    assert curves.index.tolist() == [1, 2, 3, 4]
    assert_same((curves, weights), undisturbed)


def test_killed_training_repeats_what_its_layers_and_its_loss_drew(tmp_path: Path) -> None:
    keras.utils.set_random_seed(7)
    whole = trained(triplet_network())

    assert_same(resume(tmp_path / "backup", triplet_network, "inside an epoch"), whole)


def test_resumed_training_does_not_repeat_finished_epochs(tmp_path: Path) -> None:
    network = plain_network()
    with pytest.raises(KilledError):
        fit(network, *batches(network), 4, tmp_path / "backup", [Kill("between epochs")])
    begun: list[int] = []
    count = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: begun.append(epoch))

    network = plain_network()
    fit(network, *batches(network), 4, tmp_path / "backup", [count])

    assert begun == [2, 3]


def test_finished_training_is_loaded_not_repeated(tmp_path: Path) -> None:
    """What comes after it in a stage may have failed."""
    finished, loaded = plain_network(), plain_network()
    expected = fit(finished, *batches(finished), 4, tmp_path)
    begun: list[int] = []
    count = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: begun.append(epoch))

    curves = fit(loaded, *batches(loaded), 4, tmp_path, [count])

    assert begun == []
    pd.testing.assert_frame_equal(curves, expected, check_exact=True)
    np.testing.assert_array_equal(loaded.get_weights()[0], finished.get_weights()[0])


def activated_network() -> keras.Model:
    """Another version of the code: variables of the same shapes that mean something else."""
    network = plain_network()
    network = keras.Sequential([layers.Input((8, 8, 1)), *network.layers, layers.ReLU()])
    network.compile(keras.optimizers.Adam(1e-2), loss="mse")
    return network


def wide_network() -> keras.Model:
    network = keras.Sequential([layers.Input((8, 8, 1)), layers.Flatten(), layers.Dense(9), layers.Dense(4)])
    network.compile(keras.optimizers.Adam(1e-2), loss="mse")
    return network


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def forget(path: Path) -> None:
    with np.load(path) as file:
        arrays = {name: file[name] for name in file if name != "curves"}
    np.savez(path, **arrays)


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state that a training leaves that is killed after two epochs."""
    folder, killed = tmp_path_factory.mktemp("killed"), plain_network()
    with pytest.raises(KilledError):
        fit(killed, *batches(killed), 4, folder, [Kill("between epochs")])
    (path,) = folder.iterdir()
    return path


def train_another(build: Callable[[], keras.Model]) -> Callable[[Path], None]:
    def train(path: Path) -> None:
        path.unlink()
        network = build()
        fit(network, *batches(network), 2, path.parent)

    return train


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (truncate, "is not a complete State file: File is not a zip file"),
        (flip, "is not a complete State file: Bad CRC-32"),
        (lambda path: path.write_bytes(b""), "is not a complete State file"),
        (lambda path: path.write_bytes(b"epoch,loss\n0,0.1\n"), "is not a complete State file"),
        (forget, "is not a complete State file: .*curves"),
        (train_another(activated_network), "is the state of another network"),
        (train_another(wide_network), "is the state of another network"),
    ],
)
def test_unusable_state_is_one_warning_and_a_training_from_the_first_epoch(
    tmp_path: Path,
    capsys: pytest.CaptureFixture,
    undisturbed: Trained,
    state: Path,
    damage: Callable[[Path], None],
    reason: str,
) -> None:
    resumed, path = plain_network(), tmp_path / state.name
    shutil.copy(state, path)
    damage(path)
    capsys.readouterr()

    curves = fit(resumed, *batches(resumed), 4, tmp_path)

    (warning,) = capsys.readouterr().err.splitlines()
    assert re.fullmatch(rf"Warning: {re.escape(str(path))}: {reason}.*; training starts again", warning)
    assert_same((curves, resumed.get_weights()), undisturbed)
    fit(plain_network(), *batches(resumed), 4, tmp_path)
    assert capsys.readouterr().err == ""  # the state is whole again


@pytest.mark.parametrize("full_at", [0, 2])
def test_full_disk_is_one_sentence_and_loses_one_epoch(tmp_path: Path, undisturbed: Trained, full_at: int) -> None:
    """A limit on the size of files stands in for the disk; with HDF5, a failed write even crashed Python at its end."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill_up(epoch: int, logs: object) -> None:
        if epoch == full_at:
            resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))

    stopped, resumed = plain_network(), plain_network()
    begun: list[int] = []
    count = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: begun.append(epoch))

    try:
        with pytest.raises(InputError, match=r"state.npz: cannot be written: File too large"):
            fit(stopped, *batches(stopped), 4, tmp_path, [keras.callbacks.LambdaCallback(on_epoch_end=fill_up)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [path.name for path in tmp_path.iterdir()] == ["state.npz"] * (full_at > 0)

    curves = fit(resumed, *batches(resumed), 4, tmp_path, [count])

    assert begun == list(range(full_at, 4))
    assert_same((curves, resumed.get_weights()), undisturbed)


def test_backup_changes_nothing(tmp_path: Path) -> None:
    with_backup, without = plain_network(), plain_network()

    curves = fit(with_backup, *batches(with_backup), 2, tmp_path / "backup")
    expected = fit(without, *batches(without), 2)

    np.testing.assert_array_equal(with_backup.get_weights()[0], without.get_weights()[0])
    pd.testing.assert_frame_equal(curves, expected, check_exact=True)
    assert curves.index.name == "epoch"
    assert curves.columns.tolist() == ["loss", "val_loss"]
