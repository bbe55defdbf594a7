"""A model without Keras for tests of what is around it: F is a projection, and G its inverse."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from masquerade.data.decode import decode
from masquerade.images import to_float, to_uint8
from masquerade.lock import Components, Lock
from masquerade.recognition.calibration import Calibration, Point
from masquerade.recognition.model import png, with_channels

CALIBRATION = Calibration(
    impostors=1000,
    points=[Point(0.001, 0.4, 0.0, 0.004, 0.05), Point(0.01, 0.6, 0.005, 0.02, 0.02), Point(0.1, 1.0, 0.08, 0.12, 0.0)],
)


@dataclass(frozen=True)
class LinearModel:
    """F(X) = unit(Pᵀ·(X − ½)) with orthonormal P; G paints ½ + c·P·locked, so that F(G(locked)) is locked but for the
    rounding to 8 bits. Stands in for :class:`masquerade.recognition.model.Model`.
    """

    digest: str = "d" * 64
    calibration: Calibration = CALIBRATION
    shape: tuple[int, int, int] = (8, 8, 1)
    dimension: int = 12
    seed: int = 0

    @cached_property
    def projection(self) -> np.ndarray:
        normals = np.random.default_rng(self.seed).normal(size=(np.prod(self.shape), self.dimension))
        return np.linalg.qr(normals)[0]

    @property
    def components(self) -> Components:
        return Components(np.eye(self.dimension), np.ones(self.dimension))

    def read(self, name: str, data: bytes, cropped: bool = False) -> np.ndarray:
        return with_channels(decode(name, data, self.shape[0]), self.shape[2])

    def embed(self, images: np.ndarray) -> np.ndarray:
        vectors = (to_float(images).reshape(len(images), -1) - 0.5) @ self.projection
        return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)

    def paint(self, vectors: np.ndarray, lock: Lock) -> tuple[list[bytes], np.ndarray]:
        painted = lock.lock(vectors) @ self.projection.T
        painted *= 0.5 / np.abs(painted).max(axis=1, keepdims=True)
        templates = to_uint8(0.5 + painted).reshape(len(vectors), *self.shape)
        return [png(template) for template in templates], self.embed(templates)


def people(count: int, images: int = 2, seed: int = 1, noise: float = 0.03) -> np.ndarray:
    """Images of random people, uint8 (count, images, 8, 8, 1); two of one person are alike."""
    rng = np.random.default_rng(seed)
    faces = rng.uniform(0.2, 0.8, (count, 1, 8, 8, 1))
    return to_uint8(np.clip(faces + noise * rng.uniform(-1, 1, (count, images, 8, 8, 1)), 0, 1))
