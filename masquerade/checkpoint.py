"""The state of a training run after an epoch, in one file that is complete or absent."""

import hashlib
import json
import re
import time
from dataclasses import dataclass
from pathlib import Path

import click
import keras
import numpy as np

from masquerade.arrays import ArrayFile
from masquerade.errors import InputError


@dataclass(frozen=True)
class State(ArrayFile):
    """What the next epoch starts from.

    Attributes:
        network: str (), a digest of the layers, losses and optimizer.
        curves: str (), JSON, a list with the curves of each epoch.
        variables: uint8 (bytes,), the weights of the network and then the variables of its optimizer.
    """

    network: np.ndarray
    curves: np.ndarray
    variables: np.ndarray


class Checkpoint(keras.callbacks.Callback):
    """Record the curves of a training run, and its state after every epoch.

    Unlike Keras' BackupAndRestore and CSVLogger, it keeps weights and curves in step, leaves the last epoch's state
    intact when the disk is full, and changes no weight if the file cannot be read.

    Args:
        network: a compiled model.
        path: file of the state; None: record only the curves.

    Attributes:
        rows: the curves of each epoch, and the ``seconds`` it took.
    """

    def __init__(self, network: keras.Model, path: Path | None) -> None:
        super().__init__()
        self.path = path
        self.rows: list[dict[str, float]] = []
        if not network.optimizer.built:
            network.optimizer.build(network.trainable_variables)
        self.variables = [*network.weights, *network.optimizer.variables]
        # Keras numbers layers across the process: conv2d_7
        self.network = hashlib.sha256(re.sub(r'_\d+"', '"', network.to_json()).encode()).hexdigest()

    def restore(self) -> None:
        """Continue from the state an earlier process saved; if it is unusable, warn and change nothing."""
        if self.path is None or not self.path.exists():
            return
        try:
            state = State.load(self.path)
            values = [keras.ops.convert_to_numpy(variable) for variable in self.variables]
            ends = np.cumsum([value.nbytes for value in values])
            if state.network != self.network or state.variables.shape != (ends[-1],):
                raise InputError(f"{self.path}: is the state of another network")
            self.rows = json.loads(str(state.curves))
        except InputError as error:
            click.echo(f"Warning: {error.message}; training starts again", err=True)
            return
        for variable, value, saved in zip(self.variables, values, np.split(state.variables, ends[:-1]), strict=True):
            variable.assign(saved.view(value.dtype).reshape(value.shape))

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
        self.started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        curves = {name: float(value) for name, value in sorted((logs or {}).items())}
        self.rows.append(curves | {"seconds": time.perf_counter() - self.started})
        if self.path is not None:
            values = [keras.ops.convert_to_numpy(variable) for variable in self.variables]
            variables = np.concatenate([value.reshape(-1).view(np.uint8) for value in values])
            State(np.array(self.network), np.array(json.dumps(self.rows)), variables).save(self.path)
