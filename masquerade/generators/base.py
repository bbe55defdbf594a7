"""What the rest of the package knows about a kind of generator."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self, cast

from masquerade.section import Section

if TYPE_CHECKING:
    import keras
    import numpy as np
    import pandas as pd

    from masquerade.data.image_set import ImageSet
    from masquerade.params import Generator
    from masquerade.training import Watch


class Settings(Section):
    """Settings of a kind of generator in the section of a modality; each kind adds its own in its ``params.py``."""

    @property
    def compiled(self) -> bool:
        """Whether the training step is compiled with XLA."""
        return False

    @property
    def files(self) -> list[str]:
        """Files outside the project that its training reads."""
        return []

    def check(self, image_size: int) -> None:
        """Raise ValueError if G cannot make images of this side, in pixels."""

    def changed(self, changes: Mapping[str, Any]) -> Self:
        """Return these settings with some of them replaced, such as ``{"training": {"steps": 60}}``.

        Raises:
            pydantic.ValidationError: a key is unknown, or a value is wrong.
        """
        return self.model_validate(_merged(self.model_dump(), changes))


def _merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    return {**old} | {
        key: _merged(old[key], value) if isinstance(value, Mapping) and isinstance(old.get(key), Mapping) else value
        for key, value in new.items()
    }


class Train(Protocol):
    """Train a new G of one kind against the frozen embedder F.

    Args:
        embedder: F, images float32 (n, h, w, c) in [0, 1] → unit vectors (n, m).
        images: uint8 (n, h, w, c), the training images and their altered copies.
        validation: uint8 (n, h, w, c), other images of the training part, for curves, to notice a collapse of G and for
            all that the training decides; None: none of these.
        settings: of this kind and modality.
        shared: settings of all generators.
        backup: folder for the state after each epoch; an interrupted training run resumes from it.
        watch: called with the curves of each epoch, see :func:`masquerade.training.fit`.

    Returns:
        G, images (n, h, w, c) → templates (n, h, w, c) in [0, 1], and one row per epoch with the curves that
        :attr:`Kind.panels` names, those of the validation images with the prefix ``val_``. Its ``attrs["warnings"]``
        lists what is wrong with G, in phrases for people.

    Raises:
        FailedTraining: the loss became NaN, or G gives the same image for every input (Table 5).
        InputError: a parameter does not fit the images.
    """

    def __call__(
        self,
        embedder: "keras.Model",
        images: "np.ndarray",
        validation: "np.ndarray | None",
        settings: Any,
        shared: "Generator",
        seed: int,
        backup: Path | None = None,
        watch: "Watch | None" = None,
    ) -> "tuple[keras.Model, pd.DataFrame]": ...


class Derive(Protocol):
    """Make a G from that of another kind, without training.

    Args:
        source: G of the kind :attr:`Kind.source`.
        vectors: float32 (n, m), F of the training images.
        train: these images.
        settings: of this kind and modality.

    Returns:
        G, codes (n, k) → templates (n, h, w, c) in [0, 1], with a layer that :func:`masquerade.lock.components_of`
        reads; and a table of what the settings could have been, with the columns that :attr:`Kind.panels` names, and in
        ``attrs`` what :attr:`Kind.outcome` names.

    Raises:
        TooFewDimensionsError: the embeddings have fewer dimensions than the settings need.
    """

    def __call__(
        self, source: "keras.Model", vectors: "np.ndarray", train: "ImageSet", settings: Any
    ) -> "tuple[keras.Model, pd.DataFrame]": ...


@dataclass(frozen=True)
class Kind:
    """A kind of generator: the folder ``masquerade/generators/<name>`` and how reports show it.

    Attributes:
        title: for headings.
        description: for its model card, a sentence or two.
        colour: in figures, #rrggbb.
        shared: keys of the section ``generator`` that its training reads; None: all of them.
        panels: columns of its training curves → titles of their panels.
        outcome: columns of its training curves → how reports say their last value; a run may lack some.
        source: the kind whose decoder it puts behind a lock; it has no training of its own, and its G takes codes that
            a key has rotated (n, k), not images; None: it is trained.
    """

    name: str
    title: str
    description: str
    colour: str
    panels: Mapping[str, str]
    shared: set[str] | None = None
    outcome: Mapping[str, str] = field(default_factory=dict)
    source: str | None = None

    @property
    def settings(self) -> type[Settings]:
        """Model of the kind's section of params.yaml, ``Settings`` in its ``params.py``."""
        return cast(type[Settings], self._module("params").Settings)

    @property
    def train(self) -> Train:
        """The kind's training, ``train`` in its ``training.py``; imports Keras."""
        return cast(Train, self._module("training").train)

    @property
    def derive(self) -> Derive:
        """How it is made from its source, ``derive`` in its ``deriving.py``; imports Keras."""
        return cast(Derive, self._module("deriving").derive)

    def _module(self, name: str) -> Any:
        return import_module(f"{__package__}.{self.name}.{name}")
