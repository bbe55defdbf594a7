"""Table 5's first failure: G draws the same image whatever its input."""

from typing import NoReturn

import keras
import numpy as np

from masquerade.resume import FailedTraining
from masquerade.training import predict

PATIENCE = 3
"""Collapsed epochs in a row that end a training with constant weights; early on, a blank image may be temporary."""


class CollapsedGenerator(FailedTraining):
    """G gives identical 8-bit images for different inputs."""


def is_collapsed(generated: np.ndarray) -> bool:
    """Tell whether several generated images (n, h, w, c), in [0, 1], are the same to within one of 255 grey levels."""
    return len(generated) > 1 and bool(np.ptp(generated, axis=0).max() < 1 / 255)


class CollapseGuard(keras.callbacks.Callback):
    """Stop the training when the generator has collapsed.

    Args:
        images: uint8 (n, h, w, c), a few different images to try after every epoch.
        patience: collapsed epochs in a row that end the training.

    Raises:
        CollapsedGenerator: the generated images are identical after ``patience`` epochs in a row, or at the end.
    """

    def __init__(self, generator: keras.Model, images: np.ndarray, patience: int = PATIENCE) -> None:
        super().__init__()
        self.generator = generator
        self.images = images
        self.patience = patience
        self.collapsed_epochs = 0

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        self.collapsed_epochs = self.collapsed_epochs + 1 if is_collapsed(predict(self.generator, self.images)) else 0
        if self.collapsed_epochs >= self.patience:
            self._stop()

    def on_train_end(self, logs: object = None) -> None:
        if is_collapsed(predict(self.generator, self.images)):
            self._stop()

    def _stop(self) -> NoReturn:
        raise CollapsedGenerator(
            "training stopped: the generator gives the same image for every input. Table 5 names the causes: too large "
            "a learning rate, too small a pi_emb or too large an alpha"
        )
