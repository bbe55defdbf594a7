"""A kind says which of the shared parameters its training reads; on the others it must not depend."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from masquerade.embedders.dense import dense
from masquerade.generators import NAMES, kind
from masquerade.params import Params

UNREAD = [name for name in NAMES if kind(name).source is None and kind(name).shared is not None]


@pytest.mark.slow
@pytest.mark.parametrize("name", UNREAD)
def test_training_reads_no_other_shared_parameter(name: str, params: Params, rng: np.random.Generator) -> None:
    small = {"width": 4, "steps": 1, "batch_size": 4}
    settings = params.modality("digits").settings(name).changed(small)
    # An AttributeError otherwise
    shared: Any = SimpleNamespace(**params.generator.model_dump(include=kind(name).shared))
    images = rng.integers(0, 256, (8, 28, 28, 1), dtype=np.uint8)
    embedder = dense((28, 28, 1), 8, 4, 7)

    generator, _ = kind(name).train(embedder, images, None, settings, shared, 7)

    assert generator.output_shape == (None, 28, 28, 1)


def test_one_of_them_reads_less() -> None:
    assert UNREAD == ["veiled"]
