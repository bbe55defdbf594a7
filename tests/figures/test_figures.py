"""Every figure is a picture with something on it, or no file at all."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from masquerade.evaluation.pca import Projection
from masquerade.figures.alpha import draw_alphas, draw_trade_off
from masquerade.figures.curves import draw_curves
from masquerade.figures.embedder import draw_embedder
from masquerade.figures.matrix import draw_matrices
from masquerade.figures.roc import draw_det, draw_roc
from masquerade.figures.scatter import draw_scatter
from masquerade.figures.sheet import draw_sheet

RNG = np.random.default_rng(0)
PROJECTION = Projection(RNG.normal(size=(12, 3)), RNG.normal(size=(12, 3)), np.array([0.5, 0.3, 0.1]))
LABELS = np.repeat([0, 2, 3], 4)
NAMES = np.array(["zero", "one", "two", "three"])
PICTURES = RNG.integers(0, 256, (6, 8, 8, 1), dtype=np.uint8)
ROC = {
    arm: pd.DataFrame({"fmr": [0.0, 0.01, 0.2, 1.0], "fnmr": [1.0, 0.3, 0.1, 0.0]})
    for arm in ("real_real", "real_template", "template_template")
}
CURVES = pd.DataFrame(
    {"loss": [2.0, 1.0], "val_loss": [2.1, 1.5]}, index=pd.RangeIndex(1, 3, name="epoch"), dtype=float
)
HISTOGRAM = pd.DataFrame({"genuine": [1.0, 0.2, 0.0], "impostor": [0.0, 0.3, 1.0]}, index=[0.5, 2.0, 3.5])
COUNTS = pd.DataFrame(
    {"arm": ["real_real", "real_template"], "tp": [9, 8], "fn": [1, 2], "fp": [3, 4], "tn": [7, 6], "f1": [0.8, 0.7]}
)
SWEEP = pd.DataFrame({"mse": [0.1, 0.4], "d_emb": [0.0, 0.3], "eer": [0.02, 0.03]}, index=[0.0, 0.4])

FIGURES: dict[str, Callable[[Path], None]] = {
    "alphas": lambda path: draw_alphas(
        path, {0.0: (PROJECTION, PICTURES[0]), 0.4: (PROJECTION, PICTURES[1])}, PICTURES[2], LABELS, NAMES, "title"
    ),
    "trade_off": lambda path: draw_trade_off(path, SWEEP, "mse", "title"),
    "curves": lambda path: draw_curves(path, CURVES, {"loss": "what it is"}, "title"),
    "embedder": lambda path: draw_embedder(path, HISTOGRAM, None, "title"),
    "embedder_with_curves": lambda path: draw_embedder(path, HISTOGRAM, CURVES, "title"),
    "matrices": lambda path: draw_matrices(path, COUNTS, "title"),
    "roc": lambda path: draw_roc(path, ROC, "title"),
    "det": lambda path: draw_det(path, ROC, "title"),
    "scatter": lambda path: draw_scatter(path, PROJECTION, LABELS, NAMES, "title"),
    "sheet": lambda path: draw_sheet(path, [PICTURES[:3], PICTURES[3:]], "title", ["real", "template"], list("abc")),
    "sheet_of_colours": lambda path: draw_sheet(path, [RNG.integers(0, 256, (2, 8, 8, 3), dtype=np.uint8)], "title"),
    "sheet_with_a_gap": lambda path: draw_sheet(path, [PICTURES[:3], PICTURES[3:4]], "title"),
}


@pytest.mark.parametrize("name", FIGURES)
def test_figure_is_a_picture_with_something_on_it(name: str, tmp_path: Path) -> None:
    FIGURES[name](tmp_path / "new folder" / "figure.png")

    (file,) = (tmp_path / "new folder").iterdir()  # and no temporary file beside it
    with Image.open(file) as picture:
        pixels = np.asarray(picture.convert("L"))
    assert picture.format == "PNG"
    assert min(pixels.shape) > 80
    assert (pixels < 128).mean() > 0.001
    assert plt.get_fignums() == []  # a figure that stays open stays in memory


@pytest.mark.parametrize("name", FIGURES)
def test_same_numbers_give_the_same_file(name: str, tmp_path: Path) -> None:
    """DVC sees a figure without a change as unchanged."""
    if name == "sheet_of_colours":
        pytest.skip("draws random pictures")
    for file in ("a.png", "b.png"):
        FIGURES[name](tmp_path / file)

    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


BROKEN: dict[str, Callable[[Path], None]] = {
    "alphas": partial(
        draw_alphas, panels={0.0: (PROJECTION, PICTURES[0])}, real=PICTURES, labels=LABELS, names=NAMES, title=""
    ),
    "trade_off": partial(draw_trade_off, table=SWEEP.drop(columns="eer"), distance="mse", title=""),
    "curves": partial(draw_curves, curves=CURVES.drop(columns="val_loss"), panels={"loss": "loss"}, title=""),
    "embedder": partial(draw_embedder, histogram=HISTOGRAM[["genuine"]], curves=None, title=""),
    "matrices": partial(draw_matrices, rows=COUNTS.assign(arm="unknown"), title=""),
    "roc": partial(draw_roc, curves={"unknown": ROC["real_real"]}, title=""),
    "det": partial(draw_det, curves={"unknown": ROC["real_real"]}, title=""),
    "scatter": partial(draw_scatter, projection=PROJECTION, labels=LABELS[:5], names=NAMES, title=""),
    "sheet": partial(draw_sheet, rows=[[np.zeros((4, 4, 2), np.uint8)]], title=""),
}


@pytest.mark.parametrize("name", BROKEN)
def test_drawing_that_fails_leaves_the_old_file(name: str, tmp_path: Path) -> None:
    figure = tmp_path / "figure.png"
    figure.write_bytes(b"the old one")

    with pytest.raises((KeyError, ValueError, IndexError, TypeError)):
        BROKEN[name](figure)

    plt.close("all")
    assert [path.name for path in tmp_path.iterdir()] == ["figure.png"]
    assert figure.read_bytes() == b"the old one"


@pytest.mark.parametrize("name", FIGURES)
def test_saving_that_fails_leaves_the_old_file(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a PNG is written before the disk is full."""
    figure = tmp_path / "figure.png"
    figure.write_bytes(b"the old one")

    def fill(self: plt.Figure, path: Path) -> None:
        Path(path).write_bytes(b"half")
        raise RuntimeError("full")

    monkeypatch.setattr(plt.Figure, "savefig", fill)
    with pytest.raises(RuntimeError, match="full"):
        FIGURES[name](figure)

    plt.close("all")
    assert [path.name for path in tmp_path.iterdir()] == ["figure.png"]
    assert figure.read_bytes() == b"the old one"


def test_grey_picture_is_drawn_with_its_own_grey_levels(tmp_path: Path) -> None:
    """Stretched to black and white, a template with weak contrast would look unlike what is stored."""
    draw_sheet(tmp_path / "figure.png", [[np.full((8, 8, 1), 128, np.uint8), np.full((8, 8, 1), 140, np.uint8)]], "")

    with Image.open(tmp_path / "figure.png") as picture:
        levels = np.bincount(np.asarray(picture.convert("L")).ravel(), minlength=256)
    assert min(levels[128], levels[140]) > 1000
    assert levels[0] < levels[128]
