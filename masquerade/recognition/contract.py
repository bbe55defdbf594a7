"""What a recognition system needs of a model."""

from typing import Protocol

import numpy as np

from masquerade.lock import Components, Lock
from masquerade.recognition.calibration import Calibration


class RecognitionModel(Protocol):
    """F and a G with keys; :class:`masquerade.recognition.model.Model` is one."""

    @property
    def digest(self) -> str:
        """What tells models apart."""

    @property
    def calibration(self) -> Calibration:
        """Thresholds by false match rate."""

    @property
    def components(self) -> Components:
        """The space in which keys rotate."""

    def read(self, name: str, data: bytes, cropped: bool = False) -> np.ndarray:
        """Decode a file to the image that F sees, uint8 (h, w, c)."""

    def embed(self, images: np.ndarray) -> np.ndarray:
        """Return F of uint8 images (n, h, w, c), float32 (n, m)."""

    def paint(self, vectors: np.ndarray, lock: Lock) -> tuple[list[bytes], np.ndarray]:
        """Make templates of embeddings (n, m): .png files, and F of what they show, float32 (n, m)."""
