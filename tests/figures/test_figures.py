"""Every figure is an image with something on it, or no file at all."""

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from masquerade.evaluation.arms import BASELINE, Arm
from masquerade.evaluation.pca import Projection
from masquerade.figures.alpha import draw_alphas, draw_trade_off
from masquerade.figures.attempts import draw_attempts
from masquerade.figures.curves import draw_curves
from masquerade.figures.embedder import draw_embedder
from masquerade.figures.heat import draw_heat
from masquerade.figures.key_recovery import draw_key_recovery
from masquerade.figures.linkability import draw_linkability
from masquerade.figures.matrix import draw_matrices
from masquerade.figures.multiplicity import draw_multiplicity
from masquerade.figures.oracles import draw_oracles
from masquerade.figures.protections import draw_protections
from masquerade.figures.renewability import Panel, draw_renewability
from masquerade.figures.roc import draw_det, draw_roc
from masquerade.figures.scatter import draw_scatter
from masquerade.figures.sheet import draw_sheet
from masquerade.figures.words import draw_words

RNG = np.random.default_rng(0)
PROJECTION = Projection(RNG.normal(size=(12, 3)), RNG.normal(size=(12, 3)), np.array([0.5, 0.3, 0.1]))
LABELS = np.repeat([0, 2, 3], 4)
NAMES = np.array(["zero", "one", "two", "three"])
IMAGES = RNG.integers(0, 256, (6, 8, 8, 1), dtype=np.uint8)
COLOURS = RNG.integers(0, 256, (2, 8, 8, 3), dtype=np.uint8)
ROC = {
    arm: pd.DataFrame({"fmr": [0.0, 0.01, 0.2, 1.0], "fnmr": [1.0, 0.3, 0.1, 0.0]})
    for arm in [BASELINE]
    + [Arm(kind, comparison) for kind in ("unet", "veiled") for comparison in ("real-template", "template-template")]
}
UNKNOWN = {Arm("unknown", "real-template"): ROC[BASELINE]}
CURVES = pd.DataFrame(
    {"loss": [2.0, 1.0], "val_loss": [2.1, 1.5]}, index=pd.RangeIndex(1, 3, name="epoch"), dtype=float
)
HISTOGRAM = pd.DataFrame({"genuine": [1.0, 0.2, 0.0], "impostor": [0.0, 0.3, 1.0]}, index=[0.5, 2.0, 3.5])
COUNTS = pd.DataFrame(
    {"generator": ["real", "unet", "veiled"], "tp": [9, 8, 7], "fn": [1, 2, 3], "fp": [3, 4, 5]}
).assign(tn=[7, 6, 5], f1=[0.8, 0.7, 0.6])
SHARES = pd.DataFrame({"plain": [0.9, 0.1], "negative": [0.95, 0.2]}, index=["real", "veiled"])
SWEEP = pd.DataFrame(
    {
        "mse": [0.1, 0.4],
        "d_emb": [0.0, 0.3],
        "eer": [0.02, 0.03],
        "validation_delta_eer": [0.0, 0.01],
        "validation_delta_eer_low": [0.0005, 0.005],  # not below its estimate, as a bootstrap may give
        "validation_delta_eer_high": [0.001, 0.02],
    },
    index=[0.0, 0.4],
)
PROTECTIONS = pd.DataFrame(
    {
        "title": ["keyed (ours)", "BioHash"],
        **{f"eer_normal{end}": [np.nan, 0.01] for end in ("", "_low", "_high")},
        **{f"eer_stolen{end}": [0.03, 0.04] for end in ("", "_low", "_high")},
        "d_sys": [0.06, 0.05],
        "floor_d_sys": [0.05, 0.05],
        "floor_d_sys_high": [0.07, 0.07],
        "d_sys_stolen": [0.9, np.nan],
    }
)

KEYS_FOUND = pd.DataFrame(
    {"cosine": [0.1, 0.9, 0.0, 0.0], "eer": [0.4, 0.06, 0.5, 0.5], "right_key_cosine": 0.95, "right_key_eer": 0.05},
    index=pd.MultiIndex.from_product([["system", "record"], [1, 8]], names=["scope", "n"]),
).assign(found=[False, True, False, False])
ASKED = pd.DataFrame(
    {"verifies": [0.1, 1.0] * 3, "near": [0.0, 0.9] * 3},
    index=pd.MultiIndex.from_product([["scores", "scores, two digits", "answers"], [5, 100]]),
)
RENEWED = Panel(HISTOGRAM, HISTOGRAM, IMAGES[:3], [0.05, 0.051, 0.053])

TRIED = pd.DataFrame(
    [(generator, key, count, 0.5, 0.4, 0.6, 0.1, 0.2, 0.95) for generator, key in
     (("unet", "none"), ("keyed", "secret"), ("keyed", "stolen")) for count in (100, 500)],
    columns=["generator", "key", "examples", "value", "low", "high", "floor", "limit", "ceiling"],
).set_index(["generator", "key", "examples"])  # fmt: skip
STOLEN = pd.DataFrame(
    [("keyed", bits, records, 0.5, 0.1) for bits in ("all", "5") for records in (1, 16)],
    columns=["generator", "bits", "records", "cosine", "eer"],
).set_index(["generator", "bits", "records"])
LINKED = pd.DataFrame({"mated": [0.7, 0.3], "non_mated": [0.1, 0.9], "d": [0.75, 0.0]}, index=[0.5, 1.5])

FIGURES: dict[str, Callable[[Path], None]] = {
    "alphas": lambda path: draw_alphas(
        path, {0.0: (PROJECTION, IMAGES[0]), 0.4: (PROJECTION, IMAGES[1])}, IMAGES[2], LABELS, NAMES, "title"
    ),
    "trade_off": lambda path: draw_trade_off(path, SWEEP, "mse", 0.003, 0.1, "title"),
    "curves": lambda path: draw_curves(path, CURVES, {"loss": "what it is"}, "title"),
    "curves_of_training_alone": lambda path: draw_curves(path, CURVES[["loss"]], {"loss": "what it is"}, "title"),
    "embedder": lambda path: draw_embedder(path, HISTOGRAM, None, "title"),
    "embedder_with_curves": lambda path: draw_embedder(path, HISTOGRAM, CURVES, "title"),
    "heat": lambda path: draw_heat(path, SHARES, "title"),
    "key_recovery": lambda path: draw_key_recovery(path, {"keyed": KEYS_FOUND}, {"keyed": 10}, "title"),
    "key_recovery_without_keys": lambda path: draw_key_recovery(path, {}, {}, "title"),
    "matrices": lambda path: draw_matrices(path, COUNTS, "title"),
    "attempts": lambda path: draw_attempts(path, TRIED, "examples", "rank-1", "title"),
    "multiplicity": lambda path: draw_multiplicity(path, STOLEN, "title"),
    "multiplicity_of_none": lambda path: draw_multiplicity(path, STOLEN.iloc[:0], "title"),
    "linkability": lambda path: draw_linkability(path, {"real": LINKED, "keyed, secret key": LINKED}, "title"),
    "protections": lambda path: draw_protections(path, PROTECTIONS, "title"),
    "oracles": lambda path: draw_oracles(path, {"real": ASKED, "unet": ASKED}, "title"),
    "renewability": lambda path: draw_renewability(path, {"keyed": RENEWED}, 0.5, "title"),
    "renewability_of_two": lambda path: draw_renewability(
        path, {"unet": RENEWED._replace(images=COLOURS[:1], eers=[0.05]), "keyed": RENEWED}, 0.5, "title"
    ),
    "roc": lambda path: draw_roc(path, ROC, "title"),
    "det": lambda path: draw_det(path, ROC, "title"),
    "roc_of_one_generator": lambda path: draw_roc(path, dict(list(ROC.items())[:3]), "title"),
    "scatter": lambda path: draw_scatter(path, {"unet": PROJECTION}, LABELS, NAMES, "title"),
    "scatter_of_two": lambda path: draw_scatter(
        path, {"unet": PROJECTION, "veiled": PROJECTION}, LABELS, NAMES, "title"
    ),
    "sheet": lambda path: draw_sheet(path, [IMAGES[:3], IMAGES[3:]], "title", ["real", "template"], list("abc")),
    "sheet_of_colours": lambda path: draw_sheet(path, [COLOURS], "title"),
    "words": lambda path: draw_words(path, "not attacked: too few people", "title"),
    "sheet_with_a_gap": lambda path: draw_sheet(path, [IMAGES[:3], IMAGES[3:4]], "title"),
}


@pytest.fixture(scope="module")
def folder_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Where a figure is drawn, once for all tests that look at it."""

    @cache
    def draw(name: str) -> Path:
        folder = tmp_path_factory.mktemp("figures") / "new folder"
        FIGURES[name](folder / "figure.png")
        return folder

    return draw


@pytest.mark.parametrize("name", FIGURES)
def test_figure_is_an_image_with_something_on_it(folder_of: Callable[[str], Path], name: str) -> None:
    (file,) = folder_of(name).iterdir()  # and no temporary file beside it
    with Image.open(file) as image:
        pixels = np.asarray(image.convert("L"))
    assert image.format == "PNG"
    assert min(pixels.shape) > 80
    assert (pixels < 128).mean() > 0.001
    assert plt.get_fignums() == []  # a figure that stays open stays in memory


@pytest.mark.slow
@pytest.mark.parametrize("name", FIGURES)
def test_same_numbers_give_the_same_file(folder_of: Callable[[str], Path], name: str, tmp_path: Path) -> None:
    """DVC sees a figure without a change as unchanged."""
    FIGURES[name](tmp_path / "figure.png")

    assert (tmp_path / "figure.png").read_bytes() == (folder_of(name) / "figure.png").read_bytes()


BROKEN: dict[str, Callable[[Path], None]] = {
    "alphas": partial(
        draw_alphas, panels={0.0: (PROJECTION, IMAGES[0])}, real=IMAGES, labels=LABELS, names=NAMES, title=""
    ),
    "trade_off": partial(
        draw_trade_off, table=SWEEP.drop(columns="eer"), distance="mse", budget=0.0, recommended=None, title=""
    ),
    "curves": partial(draw_curves, curves=CURVES, panels={"accuracy": "accuracy"}, title=""),
    "embedder": partial(draw_embedder, histogram=HISTOGRAM[["genuine"]], curves=None, title=""),
    "heat": partial(draw_heat, table=SHARES.assign(edges="much"), title=""),
    "key_recovery": partial(draw_key_recovery, tables={"keyed": KEYS_FOUND}, dimensions={}, title=""),
    "oracles": partial(draw_oracles, tables={"unknown": ASKED}, title=""),
    "renewability": partial(draw_renewability, panels={"keyed": RENEWED._replace(eers=[])}, threshold=0.5, title=""),
    "matrices": partial(draw_matrices, rows=COUNTS.drop(columns="f1"), title=""),
    "roc": partial(draw_roc, curves=UNKNOWN, title=""),
    "det": partial(draw_det, curves=UNKNOWN, title=""),
    "scatter": partial(draw_scatter, projections={"unet": PROJECTION}, labels=LABELS[:5], names=NAMES, title=""),
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

    def fill(self: Figure, path: Path) -> None:
        Path(path).write_bytes(b"half")
        raise RuntimeError("full")

    monkeypatch.setattr(Figure, "savefig", fill)
    with pytest.raises(RuntimeError, match="full"):
        FIGURES[name](figure)

    plt.close("all")
    assert [path.name for path in tmp_path.iterdir()] == ["figure.png"]
    assert figure.read_bytes() == b"the old one"


def test_grey_image_is_drawn_with_its_own_grey_levels(tmp_path: Path) -> None:
    """Stretched to black and white, a template with weak contrast would look unlike what is stored."""
    draw_sheet(tmp_path / "figure.png", [[np.full((8, 8, 1), 128, np.uint8), np.full((8, 8, 1), 140, np.uint8)]], "")

    with Image.open(tmp_path / "figure.png") as image:
        levels = np.bincount(np.asarray(image.convert("L")).ravel(), minlength=256)
    assert min(levels[128], levels[140]) > 1000
    assert levels[0] < levels[128]


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts of every figure that is saved, as they look once they are drawn."""
    texts: list[str] = []

    def read(self: Figure, path: Path) -> None:
        self.canvas.draw()
        texts.extend(text.get_text() for text in self.findobj(Text) if text.get_visible() and not text.get_parse_math())
        Image.new("L", (1, 1)).save(path)

    monkeypatch.setattr(Figure, "savefig", read)
    return texts


def test_names_of_classes_are_drawn_literally(tmp_path: Path, drawn: list[str]) -> None:
    """Dollars would begin mathtext."""
    names, labels = ["$\\frac$", "$x", "a $x_1$ \\$", "_hidden", "{x}", "%s\n<b>"], np.repeat(np.arange(6), 2)
    draw_scatter(tmp_path / "a.png", {"unet": PROJECTION}, labels, np.array(names), "title")
    draw_alphas(tmp_path / "b.png", {0.0: (PROJECTION, IMAGES[0])}, IMAGES[1], labels, np.array(names), "title")
    draw_sheet(tmp_path / "c.png", [IMAGES], "title", column_names=names)

    for name in names:
        assert [drawn.count(text) for text in (f"real {name}", f"template {name}", name)] == [2, 2, 1], name


def test_rates_of_the_roc_are_plain_numbers(tmp_path: Path, drawn: list[str]) -> None:
    draw_roc(tmp_path / "figure.png", ROC, "title")

    assert {"0.0001", "0.001", "0.01", "0.1", "1"} <= set(drawn)


def test_curves_are_told_apart_by_the_generators_name_and_colour_and_by_the_comparisons_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: dict[object, tuple[object, object]] = {}

    def read(self: Figure, path: Path) -> None:
        looks.update({line.get_label(): (line.get_color(), line.get_linestyle()) for line in self.axes[0].lines})
        Path(path).touch()

    monkeypatch.setattr(Figure, "savefig", read)
    draw_roc(tmp_path / "figure.png", dict(reversed(ROC.items())), "title")

    assert looks == {
        "real probe, real reference": ("#1f77b4", "-"),
        "real probe, unet template": ("#d62728", "-"),
        "unet probe, unet template": ("#d62728", "--"),
        "real probe, veiled template": ("#2ca02c", "-"),
        "veiled probe, veiled template": ("#2ca02c", "--"),
    }


def test_matrices_say_what_is_stored(tmp_path: Path, drawn: list[str]) -> None:
    draw_matrices(tmp_path / "figure.png", COUNTS, "title")

    titles = ["(a) real images stored", "(b) unet templates stored", "(c) veiled templates stored"]
    assert [text.split("\n")[0] for text in drawn if "stored" in text] == titles


def test_scatter_has_a_row_for_each_generator(folder_of: Callable[[str], Path]) -> None:
    one_row, two_rows = (folder_of(name) / "figure.png" for name in ("scatter", "scatter_of_two"))

    with Image.open(one_row) as one, Image.open(two_rows) as two:
        assert two.height > 1.8 * one.height


def test_heat_is_the_darker_the_larger_the_share(tmp_path: Path) -> None:
    """One scale for every map, 0 to 1: two maps can be compared."""
    levels = []
    for share in (0.0, 0.4, 1.0):
        draw_heat(tmp_path / "figure.png", pd.DataFrame({"plain": [share]}, index=["real"]), "")
        with Image.open(tmp_path / "figure.png") as image:
            pixels = np.asarray(image.convert("RGB")).reshape(-1, 3)
        coloured = pixels[pixels[:, 0] > pixels[:, 2]]  # reddish, not the text nor the white around
        levels.append(np.median(coloured[:, 2]) if len(coloured) else 255)

    assert levels[0] > levels[1] > levels[2]
