"""The folder that keeps the state of a training run until its results are saved."""

import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from masquerade.errors import InputError

DAYS = 30
"""After so long, the next training run deletes the state of an interrupted one."""


class FailedTraining(InputError):
    """A training run that is not resumed, because it would fail again."""


@contextmanager
def resumable(parent: Path, *inputs: bytes | str) -> Iterator[Path]:
    """Yield a folder for the state of a training run; other ``inputs`` (data, parameters) give another folder.

    The folder is locked while the block runs and removed at its end. After an error, the state is kept for the next
    process with the same inputs, unless nothing is saved yet or the error is a :class:`FailedTraining`.

    Raises:
        InputError: another process holds the folder, or it cannot be written.
    """
    folder = parent / f".training-{_digest(inputs)}"
    _prune(parent)
    with _locked(folder):
        worth_keeping = True
        try:
            yield folder
            worth_keeping = False
        except FailedTraining:
            worth_keeping = False
            raise
        finally:
            if not (worth_keeping and any(folder.rglob("*.npz"))):
                _remove(folder)


def _digest(inputs: tuple[bytes | str, ...]) -> str:
    digest = hashlib.sha256()
    for item in inputs:
        content = item.encode() if isinstance(item, str) else item
        digest.update(len(content).to_bytes(8) + content)
    return digest.hexdigest()[:16]


def _locked(folder: Path) -> AbstractContextManager:
    owner = folder / "owner"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / "lock").acquire(timeout=0)
        owner.write_text(f"process {os.getpid()}", encoding="utf-8")
        return lock
    except Timeout as error:
        holder = owner.read_text(encoding="utf-8") if owner.exists() else "another process"
        raise InputError(
            f"{folder}: {holder} is training there; wait for it or stop it, then run again to resume at its last epoch"
        ) from error
    except OSError as error:
        raise InputError(f"{folder}: cannot be written: {error.strerror or error}") from error


def _remove(folder: Path) -> None:
    # Renamed first: a half-removed folder must not look like a state.
    shutil.rmtree(folder.rename(folder.with_name(f"{folder.name}-removed")), ignore_errors=True)


def _prune(parent: Path) -> None:
    for folder in parent.glob(".training-*"):
        with suppress(FileNotFoundError):  # another training ended meanwhile
            days = (time.time() - folder.stat().st_mtime) / 86400  # a folder is as old as its last file
            if folder.name.endswith("-removed") or days > DAYS:
                shutil.rmtree(folder, ignore_errors=True)  # or the next training tries again
