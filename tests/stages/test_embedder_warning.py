from pathlib import Path

import numpy as np
from fixture_types import Run

from masquerade.data.image_set import with_names


def test_embedder_that_hardly_tells_the_people_apart_is_said(
    run: Run, empty: Path, tiny_params: str, rng: np.random.Generator
) -> None:
    """Where each class has a noise of its own the EER is 0; where each image has, it is near one half."""
    (empty / "params.yaml").write_text(tiny_params, encoding="utf-8")
    noise = rng.integers(0, 256, (80, 28, 28, 1), dtype=np.uint8)
    labels = np.repeat(np.arange(10), 8)

    for images, warned in [(noise[labels], 0), (noise, 1)]:
        for half in ("train", "test"):
            with_names(images, labels.astype(str).tolist()).save(empty / f"data/digits/{half}.npz")
        result = run("train_embedder", "--modality", "digits")
        assert result.exit_code == 0, result.output
        warnings = [line for line in result.stderr.splitlines() if line.startswith("Warning: digits: the embedder's")]
        assert len(warnings) == warned
        assert all("it hardly tells these classes apart" in line and "digits.crop" in line for line in warnings)
