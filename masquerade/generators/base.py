"""What the rest of the package knows of a kind of generator."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    import keras
    import numpy as np
    import pandas as pd

    from masquerade.params import Generator, Modality


class Train(Protocol):
    """Train a new G of one kind against the frozen embedder F.

    Args:
        embedder: F, images float32 (n, h, w, c) in [0, 1] → unit vectors (n, m).
        images: uint8 (n, h, w, c), the training images and their altered copies.
        held_out: uint8 (n, h, w, c); they draw curves and show whether G collapses. None: neither.
        backup: folder for the state after each epoch; a killed training goes on from there.

    Returns:
        G, images (n, h, w, c) → templates (n, h, w, c) in [0, 1], and one row an epoch with the curves that
        :attr:`Kind.panels` names, those of the held-out images with the prefix ``val_``.

    Raises:
        FailedTraining: the loss became NaN, or G gives the same image for every input (Table 5).
        InputError: a parameter does not fit the images.
    """

    def __call__(
        self,
        embedder: "keras.Model",
        images: "np.ndarray",
        held_out: "np.ndarray | None",
        section: "Modality",
        shared: "Generator",
        seed: int,
        backup: Path | None = None,
    ) -> "tuple[keras.Model, pd.DataFrame]": ...


@dataclass(frozen=True)
class Kind:
    """A kind of generator: the folder ``masquerade/generators/<name>`` and how people see it.

    Attributes:
        title: for headings.
        colour: in figures, #rrggbb.
        panels: columns of its training curves → titles of their panels.
    """

    name: str
    title: str
    colour: str
    panels: Mapping[str, str]

    @property
    def train(self) -> Train:
        """Its training; imports Keras."""
        return cast(Train, import_module(f"{__package__}.{self.name}.training").train)
