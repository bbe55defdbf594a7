import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from masquerade.errors import InputError
from masquerade.resume import FailedTraining, resumable

INPUTS = (b"images", "alpha: 0.2")

HOLD = """
import sys
from pathlib import Path
from masquerade.resume import resumable
with resumable(Path(sys.argv[1]), b"images", "alpha: 0.2") as folder:
    (folder / "state.npz").write_text("state of the other")
    print("training", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other(tmp_path: Path) -> Iterator[subprocess.Popen]:
    """Another process that trains with the same inputs."""
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "training\n"
        yield process
        process.kill()


def stop(parent: Path, error: BaseException, saved: str = "state") -> None:
    """A training that ends with an error after it saved its state."""

    def train() -> None:
        with resumable(parent, *INPUTS) as folder:
            if saved:
                (folder / "state.npz").write_text(saved)
            raise error

    with pytest.raises(type(error)):
        train()


def state(parent: Path) -> str | None:
    """What the next training with the same inputs finds."""
    with resumable(parent, *INPUTS) as folder:
        path = folder / "state.npz"
        return path.read_text() if path.exists() else None


def test_another_folder_if_anything_differs(tmp_path: Path) -> None:
    others = [(b"imagez", "alpha: 0.2"), (b"images", "alpha: 0.3"), (b"images",), (b"image", "salpha: 0.2")]

    def folder(inputs: tuple[bytes | str, ...]) -> Path:
        with resumable(tmp_path, *inputs) as folder:
            return folder

    assert folder(INPUTS) == folder(INPUTS)
    assert folder(INPUTS).parent == tmp_path
    assert len({folder(inputs) for inputs in [INPUTS, *others]}) == 1 + len(others)


def test_state_is_removed_when_everything_after_the_training_is_done(tmp_path: Path) -> None:
    with resumable(tmp_path / "models", *INPUTS) as folder:
        (folder / "state.npz").write_text("state")

    assert list((tmp_path / "models").iterdir()) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt(), InputError("MLflow store cannot be used"), RuntimeError()])
def test_error_leaves_the_state(tmp_path: Path, error: BaseException) -> None:
    stop(tmp_path, error)

    assert state(tmp_path) == "state"


def test_failed_training_leaves_nothing(tmp_path: Path) -> None:
    stop(tmp_path, FailedTraining("the loss is nan"))

    assert list(tmp_path.iterdir()) == []


def test_error_before_anything_is_saved_leaves_nothing(tmp_path: Path) -> None:
    stop(tmp_path, InputError("batch_size 1000"), saved="")

    assert list(tmp_path.iterdir()) == []


def test_kill_inside_the_removal_leaves_nothing_that_looks_like_a_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill(path: Path, **_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", kill)
        stop(tmp_path, KeyboardInterrupt(), saved="")
    (left,) = tmp_path.iterdir()
    (left / "state.npz").write_text("half a state")

    assert state(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_second_process_says_who_holds_the_folder(tmp_path: Path, other: subprocess.Popen) -> None:
    with (
        pytest.raises(
            InputError, match=rf"\.training-\w+: process {other.pid} is training there; wait for it or stop it"
        ),
        resumable(tmp_path, *INPUTS),
    ):
        pytest.fail("both train in the same folder")

    with resumable(tmp_path, b"images", "alpha: 0.3"):  # another training beside it
        pass

    other.communicate(input="")
    assert other.returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_killed_process_gives_its_folder_free(tmp_path: Path, other: subprocess.Popen) -> None:
    other.kill()
    other.wait()

    assert state(tmp_path) == "state of the other"


def test_states_that_nobody_came_back_to_are_removed(tmp_path: Path) -> None:
    old, young = tmp_path / ".training-old", tmp_path / ".training-young"
    for folder, days in ((old, 31), (young, 29)):
        folder.mkdir()
        (folder / "state.npz").write_text("state")
        os.utime(folder, (time.time() - days * 86400,) * 2)

    with resumable(tmp_path, *INPUTS):
        assert not old.exists()
        assert young.exists()


def test_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file")

    with pytest.raises(InputError, match=r"models/.training-\w+: cannot be written: "), resumable(tmp_path / "models"):
        pytest.fail("there is no folder")
