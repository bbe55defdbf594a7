"""Types of the functions that fixtures return."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from click.testing import Result

TarMode = Literal["w", "w:gz", "w:bz2", "w:xz"]


class Run(Protocol):
    def __call__(self, name: str, *arguments: str) -> Result: ...


class UnitVectors(Protocol):
    def __call__(
        self, labels: np.ndarray, spread: float = ..., dimension: int = ..., seed: int = ...
    ) -> np.ndarray: ...


class Png(Protocol):
    def __call__(self, pixels: np.ndarray) -> bytes: ...


class Mutations(Protocol):
    def __call__(self, content: bytes, count: int) -> Iterator[bytes]: ...


class WriteTree(Protocol):
    def __call__(self, folder: Path, files: Mapping[str, bytes]) -> Path: ...


class WriteTar(Protocol):
    def __call__(self, archive: Path, files: Mapping[str, bytes], mode: TarMode = ...) -> Path: ...
