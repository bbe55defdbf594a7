"""Keras' fit loop, made reproducible and resumable; it stops at NaN."""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np
import pandas as pd

from masquerade.checkpoint import Checkpoint
from masquerade.devices import share
from masquerade.errors import InputError
from masquerade.images import to_float
from masquerade.progress import Progress
from masquerade.resume import FailedTraining

Targets = np.ndarray | Mapping[str, np.ndarray]

Watch = Callable[[int, Mapping[str, float]], None]
"""Called with each epoch, counted from 1, and its curves."""

Row = Mapping[str, float]
"""The curves of one epoch."""


class Course(Protocol):
    """What changes during a training and when it ends, as a function of the curves so far, so that it can resume."""

    def begin(self, rows: Sequence[Row]) -> None:
        """Set what the next epoch trains with."""

    def measure(self) -> Row:
        """Return more curves of the epoch that ends."""

    def done(self, rows: Sequence[Row]) -> bool:
        """Tell whether no epoch is left."""


ON_JAX = keras.backend.backend() == "jax"
"""JAX is always compiled: without XLA it runs one operation after the other, many times slower."""


class Batches(keras.utils.PyDataset):
    """Batches of images, uint8 in memory, float32 in [0, 1] in the batch.

    Args:
        images: uint8 (n, h, w, c).
        targets: an array (n, …) or a dictionary of such; uint8 ones are converted like the images. None: no targets,
            for ``predict``.
        shuffle_seed: None keeps the order and a last, smaller batch. A number shuffles every epoch, in an order
            that depends only on seed and epoch, so that a resumed training run sees the same batches; images that
            do not fill a batch are left out, others in every epoch.
    """

    def __init__(
        self, images: np.ndarray, targets: Targets | None = None, batch_size: int = 64, shuffle_seed: int | None = None
    ) -> None:
        super().__init__()
        if shuffle_seed is not None and len(images) < batch_size:
            raise InputError(f"batch_size {batch_size} is more than the {len(images)} training images")
        self.images = images
        self.targets = targets
        self.batch_size = batch_size
        self.shuffle_seed = shuffle_seed
        self.begin_epoch(0)

    def begin_epoch(self, epoch: int) -> None:
        """Fix the order of the images for one epoch, counted from 0."""
        n = len(self.images)
        self.order = np.arange(n)
        if self.shuffle_seed is not None:
            self.order = np.random.default_rng([self.shuffle_seed, epoch]).permutation(n)

    def fill_up(self, share: int) -> None:
        """Repeat the first images until ``share`` devices can divide every batch; one device changes nothing."""
        self.batch_size = math.ceil(self.batch_size / share) * share
        self.order = np.resize(self.order, math.ceil(len(self.order) / share) * share)

    def __len__(self) -> int:
        batches = len(self.order) / self.batch_size
        return math.ceil(batches) if self.shuffle_seed is None else math.floor(batches)

    def __getitem__(self, index: int) -> tuple:
        chosen = self.order[index * self.batch_size : (index + 1) * self.batch_size]
        images = _as_float(self.images[chosen])
        match self.targets:
            case None:
                return (images,)
            case np.ndarray():
                return images, _as_float(self.targets[chosen])
            case _:
                return images, {name: _as_float(target[chosen]) for name, target in self.targets.items()}


def _as_float(array: np.ndarray) -> np.ndarray:
    return to_float(array) if array.dtype == np.uint8 else array


def seed_everything(seed: int, jit_compile: bool = False) -> None:
    """Seed Python, numpy and the backend, and make TensorFlow's parallel sums deterministic.

    TensorFlow refuses to compile deterministic operations with XLA, whose code for the CPU is deterministic anyway.
    """
    keras.utils.set_random_seed(seed)
    if keras.backend.backend() == "tensorflow" and not jit_compile:
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()


class _EpochSeed(keras.callbacks.Callback):
    """Make everything random in an epoch depend only on seed and epoch, so that a resumed training run repeats it.

    A checkpoint does not hold the counters of random layers and losses.
    """

    def __init__(self, batches: Batches) -> None:
        super().__init__()
        self.batches = batches

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
        self.batches.begin_epoch(epoch)
        drawing = [variable for variable in self.model.variables if "seed_generator" in variable.path]
        for number, variable in enumerate(reversed(drawing)):  # with one seed for all, every zoom would equal its shift
            variable.assign([((self.batches.shuffle_seed or 0) + number) % 2**32, epoch])


class _Steer(keras.callbacks.Callback):
    """Let a course set what each epoch trains with."""

    def __init__(self, course: Course, rows: Sequence[Row]) -> None:
        super().__init__()
        self.course, self.rows = course, rows

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
        self.course.begin(self.rows)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        if logs is not None:
            logs.update(self.course.measure())  # before the checkpoint keeps them


class _StopAtNaN(keras.callbacks.Callback):
    """Raise an error, unlike Keras' TerminateOnNaN: a network of NaN must not be saved as a result."""

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        loss = (logs or {}).get("loss", 0.0)
        if not math.isfinite(loss):
            raise FailedTraining(
                f"training stopped: the loss is {loss} after step {batch + 1} of its epoch. Table 5 calls this "
                "exploding gradients, caused by too large a learning rate: lower it"
            )


def fit(
    network: keras.Model,
    training: Batches,
    validation: Batches | None,
    epochs: int,
    backup: Path | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    watch: Watch | None = None,
    course: Course | None = None,
) -> pd.DataFrame:
    """Fit a compiled network and return its curves, one row per epoch (index ``epoch``, from 1).

    Their ``attrs["seconds"]`` is the time that training took, in all processes that took part in it, and
    ``attrs["images"]`` the number of images it saw, counting repetitions. ``attrs["warnings"]`` is empty.

    Args:
        backup: folder for the state after each epoch, see :func:`masquerade.resume.resumable`; if there is one, fit
            continues from it and ends with the same weights, at once if no epoch is left.
        watch: called after each epoch, once its state is saved, and at the start for every epoch in the backup. An
            exception in it ends the training.
        course: what changes during the training; it may end it before ``epochs``.

    Raises:
        FailedTraining: the loss became NaN or infinite.
        InputError: the state cannot be written.
    """
    if hasattr(network.loss, "seed_generator"):
        # JAX updates only the state of the network: otherwise a loss would draw the same numbers in every step.
        network.loss_seed_generator = network.loss.seed_generator
    if validation is not None:
        validation.fill_up(share())
    checkpoint = Checkpoint(network, None if backup is None else backup / "state.npz")
    checkpoint.restore()
    _build(network, *training[0])

    def show(epoch: int) -> None:
        if watch is not None:
            watch(epoch + 1, {name: value for name, value in checkpoint.rows[epoch].items() if name != "seconds"})

    def done() -> bool:
        return course is not None and course.done(checkpoint.rows)

    def show_and_stop(epoch: int, _: object = None) -> None:
        show(epoch)
        if done():
            network.stop_training = True

    for epoch in range(len(checkpoint.rows)):
        show(epoch)
    if done():
        epochs = len(checkpoint.rows)
    network.fit(
        _untuned(training),
        validation_data=None if validation is None else _untuned(validation),
        epochs=epochs,
        initial_epoch=len(checkpoint.rows),
        verbose=0,
        shuffle=False,
        callbacks=[
            _EpochSeed(training),
            _StopAtNaN(),
            Progress(network.name),
            *callbacks,
            *([] if course is None else [_Steer(course, checkpoint.rows)]),
            checkpoint,
            keras.callbacks.LambdaCallback(on_epoch_end=show_and_stop),
        ],
    )
    rows = pd.DataFrame(checkpoint.rows, pd.RangeIndex(1, 1 + len(checkpoint.rows), name="epoch"))
    curves = rows.drop(columns="seconds")
    curves.attrs["seconds"] = float(rows["seconds"].sum())
    curves.attrs["warnings"] = []
    curves.attrs["images"] = len(rows) * len(training) * training.batch_size
    return curves


def _build(network: keras.Model, images: np.ndarray, targets: Targets) -> None:
    """Create the variables of losses and metrics: TensorFlow would trace the first step twice, to create them in it."""
    outputs = network(images[:1])
    targets = keras.tree.map_structure(lambda array: array[:1], targets)
    network.compute_loss(images[:1], targets, outputs)
    network.compute_metrics(images[:1], targets, outputs)
    network.reset_metrics()


def _untuned(batches: Batches) -> Any:
    """Hand batches to TensorFlow without its tuner, for whose thread an epoch of slow steps waits up to ten seconds."""
    if keras.backend.backend() != "tensorflow":
        return batches
    import tensorflow as tf

    options = tf.data.Options()
    options.autotune.enabled = False
    dataset = tf.data.Dataset.from_generator(
        lambda: (batches[index] for index in range(len(batches))),
        output_signature=keras.tree.map_structure(
            lambda array: tf.TensorSpec((None, *array.shape[1:]), array.dtype), batches[0]
        ),
    )
    return dataset.apply(tf.data.experimental.assert_cardinality(len(batches))).prefetch(1).with_options(options)


def predict(network: keras.Model, images: np.ndarray, batch_size: int = 64) -> np.ndarray:
    """Run a network over uint8 images (n, h, w, c)."""
    batches = Batches(images, batch_size=batch_size)
    batches.fill_up(share())
    if share() > 1:
        return network.predict(batches, verbose=0)[: len(images)]
    # Without a data set of TensorFlow's, which takes longer to make than a small network to run.
    return np.concatenate([network.predict_on_batch(*batches[index]) for index in range(len(batches))])
