"""Tables and pages that the stages write, looked at as whoever opens them would: contents, not existence."""

import json
import re
from html import unescape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from masquerade import attacks
from masquerade.attacks.finding import read_findings
from masquerade.data.image_set import ImageSet
from masquerade.evaluation.templates import Templates
from masquerade.json_file import read_json
from masquerade.paths import Paths
from masquerade.protections import NAMES as SCHEMES
from masquerade.protections.columns import COLUMNS
from masquerade.recognisability.trivial import TRIVIAL
from masquerade.recognisability.views import views
from masquerade.tables import read_csv

pytestmark = pytest.mark.usefixtures("in_finished")

MODALITIES = ("digits", "faces")
GENERATORS = ("unet", "veiled", "keyed")
EACH = [(modality, generator) for modality in MODALITIES for generator in GENERATORS]
STORED = {
    ("real", "real-real"): "real_real",
    **{(kind, "real-template"): f"{kind}.real_template" for kind in GENERATORS},
}
"""What real probes are compared with, by generator and comparison, and what JSON calls it."""


@pytest.mark.parametrize("modality", MODALITIES)
def test_embedder_report_agrees_with_the_verification(modality: str) -> None:
    """Two stages compute the real–real EER; they must not disagree."""
    report = json.loads((Paths(modality).reports / "embedder.json").read_text())
    verification = json.loads((Paths(modality).reports / "verification.json").read_text())

    assert report["eer"] == pytest.approx(verification["real_real"]["eer"], abs=1e-6)
    assert report["eer_ci"] == pytest.approx(verification["real_real"]["eer_ci"], abs=1e-6)
    assert report["embedder"] == {"digits": "triplet", "faces": "dlib"}[modality]
    assert 0 < report["mean_genuine_d_f"] < report["mean_impostor_d_f"] < 4


@pytest.mark.parametrize(("modality", "kind"), EACH)
def test_distortion_numbers_follow_from_the_stored_files(modality: str, kind: str) -> None:
    paths = Paths(modality)
    test, templates = ImageSet.load(paths.test), Templates.load(paths.templates(kind))
    each = pd.read_csv(paths.reports / "distortion" / f"{kind}.csv", index_col="image")
    means = json.loads((paths.reports / "distortion" / f"{kind}.json").read_text())
    difference = test.images / 255 - templates.images / 255
    d_emb = ((templates.real_embeddings - templates.template_embeddings) ** 2).sum(axis=1)

    assert each["class"].astype(str).tolist() == test.names[test.labels].tolist()
    np.testing.assert_allclose(each["mse"], (difference**2).mean(axis=(1, 2, 3)), rtol=1e-4)
    np.testing.assert_allclose(each["d_emb"], d_emb, rtol=1e-4)
    assert means["mse"] == pytest.approx(each["mse"].mean())
    verification = json.loads((paths.reports / "verification.json").read_text())
    assert verification[kind]["within_alpha"] == pytest.approx((d_emb <= 0.2).mean())
    assert {"hamming", "euclidean", "mse", "dssim", "sobel", "combined", "d_emb"} <= set(each)


@pytest.mark.parametrize(
    ("modality", "mated", "others"),
    [
        ("digits", 60, 720),  # 10 classes of 4: 10·(4·3/2) pairs of 40·39/2 = 780
        ("faces", 36, 240),  # 6 people with 4: 6·(4·3/2) of 24·23/2 = 276
    ],
)
def test_verification_counts_all_pairs_once(modality: str, mated: int, others: int) -> None:
    """Real against template is not symmetric, so it has twice the pairs; a template never meets its own image."""
    report = json.loads((Paths(modality).reports / "verification.json").read_text())
    blocks = [report["real_real"]]

    assert list(report) == ["real_real", *GENERATORS]
    for kind in GENERATORS:
        its = report[kind]
        assert its["delta_eer"] == pytest.approx(its["real_template"]["eer"] - report["real_real"]["eer"])
        low, high = its["delta_eer_ci"]
        assert -1 <= low <= high <= 1
        blocks += [its["real_template"], its["template_template"]]
    counts = [(block["n_genuine"], block["n_impostor"]) for block in blocks]
    assert counts == [(mated, others), *3 * [(2 * mated, 2 * others), (mated, others)]]
    for block in blocks:
        low, high = block["eer_ci"]
        assert 0 <= low <= high <= 1
        assert 0 <= block["eer"] <= 1
        assert 0 <= block["auc"] <= 1


@pytest.mark.parametrize("modality", MODALITIES)
def test_roc_curves_cover_both_ends_in_every_comparison(modality: str) -> None:
    groups = pd.read_csv(Paths(modality).reports / "roc.csv").groupby(["generator", "comparison"])

    each = [(kind, comparison) for kind in GENERATORS for comparison in ("real-template", "template-template")]
    assert set(groups.groups) == {("real", "real-real"), *each}
    for _, curve in groups:
        assert (curve.fmr.is_monotonic_increasing, curve.tmr.is_monotonic_increasing) == (True, True)
        assert (curve.fmr.iloc[0], curve.fmr.iloc[-1], curve.tmr.iloc[-1]) == (0, 1, 1)
        np.testing.assert_allclose(curve.tmr, 1 - curve.fnmr)


@pytest.mark.parametrize(
    ("modality", "each"),
    [
        ("digits", 6),  # 10 classes of 4 have 60 mated pairs
        ("faces", 3),  # 6 people with 4: 36
    ],
)
def test_folds_are_drawn_from_the_held_out_images(modality: str, each: int) -> None:
    """Too few for 10 folds of people of their own."""
    table = pd.read_csv(Paths(modality).reports / "folds.csv", index_col=[0, 1, 2])
    metrics = json.loads((Paths(modality).reports / "folds.json").read_text())

    assert table.index.tolist() == [("people_shared", *arm) for arm in STORED]
    assert set(table["folds"]) == {10}
    assert set(table["genuine"]) == set(table["impostor"]) == {10 * each}
    # Of as many mated as other pairs a fold, all decided rightly or not.
    np.testing.assert_allclose(table["accuracy"] * 20 * each, (table["accuracy"] * 20 * each).round(), atol=1e-6)
    for _, row in table.reset_index().iterrows():
        arm = STORED[row["generator"], row["comparison"]]
        for rate in ("accuracy", "standard_error"):
            assert metrics[f"{row['subset']}.{arm}.{rate}"] == pytest.approx(row[rate])


@pytest.mark.parametrize("modality", MODALITIES)
def test_table3_has_every_comparison_of_every_class(modality: str) -> None:
    paths = Paths(modality)
    test = ImageSet.load(paths.test)
    keys = ["class", "generator", "comparison"]
    table = pd.read_csv(paths.reports / "table3.csv", dtype={"class": str}).set_index(keys)
    present = test.names[np.unique(test.labels)]
    comparisons = ("real-template", "template-template", "own-template")

    arms = [("real", "real-real"), *((kind, comparison) for kind in GENERATORS for comparison in comparisons)]
    assert table.columns.tolist() == ["mse", "euclidean", "paper"]
    assert table["paper"].isna().all()  # a folder of images is not the paper's data
    assert table.index.tolist() == [(name, *arm) for name in present for arm in arms]
    for kind in GENERATORS:
        templates = Templates.load(paths.templates(kind))
        for name in present:
            chosen = test.names[test.labels] == name
            x, t = (side.images[chosen] / 255 for side in (test, templates))
            pairs = [np.mean((x[i] - t[j]) ** 2) for i in range(4) for j in range(4) if i != j]
            assert table.loc[(name, kind, "own-template"), "mse"] == pytest.approx(np.mean((x - t) ** 2))
            assert table.loc[(name, kind, "real-template"), "mse"] == pytest.approx(np.mean(pairs))


@pytest.mark.parametrize("modality", MODALITIES)
def test_table4_averages_every_protocol_and_generator_over_the_repeats(modality: str) -> None:
    table = pd.read_csv(Paths(modality).reports / "table4.csv", index_col=[0, 1, 2])
    repeats = pd.read_csv(Paths(modality).reports / "confusion_repeats.csv")
    metrics = json.loads((Paths(modality).reports / "confusion.json").read_text())
    rows = [(protocol, *arm) for protocol in ("paper", "held_out") for arm in STORED]

    assert table.index.tolist() == rows
    assert len(repeats) == 2 * len(rows)
    np.testing.assert_allclose(table.tp + table.fn, 50)
    np.testing.assert_allclose(table.fp + table.tn, 50)
    for row in rows:
        protocol, kind, comparison = row
        mean = repeats.query("protocol == @protocol and generator == @kind and comparison == @comparison").f1.mean()
        assert metrics[f"{protocol}.{STORED[kind, comparison]}.f1"] == pytest.approx(mean)
        assert table.loc[row, "f1"] == pytest.approx(mean)
        assert table["f1_low"].loc[row] <= mean <= table["f1_high"].loc[row]


@pytest.mark.parametrize("modality", MODALITIES)
def test_table5_shows_these_generators_before_the_provoked_failures(modality: str) -> None:
    table = pd.read_csv(Paths(modality).reports / "table5.csv", index_col=0)

    assert table.index.tolist() == [*GENERATORS, "contours"]
    assert table.columns.tolist() == ["mse", "d_emb", "spread", "edge_correlation", "gamma_r2"]
    for kind in GENERATORS:
        distortion = json.loads((Paths(modality).reports / "distortion" / f"{kind}.json").read_text())
        row = table.loc[kind]
        assert (row["mse"], row["d_emb"]) == pytest.approx((distortion["mse"], distortion["d_emb"]), rel=1e-4)
    assert table["mse"].nunique() == 4  # the last row is another generator


@pytest.mark.parametrize("modality", MODALITIES)
def test_pca_says_how_much_it_shows_and_how_far_templates_moved(modality: str) -> None:
    metrics = json.loads((Paths(modality).reports / "pca.json").read_text())
    table = pd.read_csv(Paths(modality).reports / "displacements.csv", index_col=[0, 1])

    assert list(metrics) == table.index.unique("generator").tolist() == list(GENERATORS)
    for kind in GENERATORS:
        shares, moved = [metrics[kind][f"explained_{axis}"] for axis in (1, 2, 3)], table.loc[kind]
        templates = Templates.load(Paths(modality).templates(kind))
        assert sorted(shares, reverse=True) == shares
        assert 0 < sum(shares) <= 1 + 1e-6
        np.testing.assert_allclose(moved.ratio, moved.displacement / moved.to_nearest_class, rtol=1e-6)
        assert metrics[kind]["mean_ratio"] == pytest.approx(moved.ratio.mean())
        # Classes of four images each, so that the mean over classes is that over images.
        assert moved.displacement.mean() == pytest.approx(np.sqrt(templates.d_emb).mean(), rel=1e-4)
        assert len(moved) == {"digits": 10, "faces": 6}[modality]


@pytest.mark.parametrize("modality", MODALITIES)
def test_judges_read_every_method_in_every_view(modality: str) -> None:
    reports = Paths(modality).reports
    reading = pd.read_csv(reports / "recognisability.csv", index_col=[0, 1, 2])
    judges = ["cnn", "hog"] + ["detector"] * (modality == "faces")
    methods = ["real", *GENERATORS, *TRIVIAL]

    assert reading.index.names == ["generator", "view", "judge"]
    assert reading.index.tolist() == [
        (method, view, judge) for method in methods for view in views(1) for judge in judges
    ]
    identified = reading.query("judge != 'detector'")
    assert ((identified[["rank_1", "eer"]] >= 0) & (identified[["rank_1", "eer"]] <= 1)).all(axis=None)
    if modality == "faces":
        detected = reading.query("judge == 'detector'")["detected"]
        assert set(detected) <= {0, 1}  # of one image
        assert detected["real", "plain"].iloc[0] == 1
        assert detected["mean image"].notna().all()


@pytest.mark.parametrize("modality", MODALITIES)
def test_headlines_of_the_judges_are_the_best_views(modality: str) -> None:
    reports = Paths(modality).reports
    reading = pd.read_csv(reports / "recognisability.csv", index_col=[0, 1, 2])
    methods = pd.read_csv(reports / "methods.csv", index_col=0)
    summary = json.loads((reports / "recognisability.json").read_text())

    assert methods.index.tolist() == ["real", *GENERATORS, *TRIVIAL]
    assert list(summary) == ["chance", *methods.index]
    assert summary["chance"] == pytest.approx({"digits": 1 / 10, "faces": 1 / 6}[modality])  # one of the classes
    for name, row in methods.iterrows():
        method = str(name)
        assert row.rank_1 == summary[method]["rank_1"] == reading["rank_1"].loc[method].max()
        assert row.rank_1 == reading["rank_1"].loc[method, row["view"], row.judge]
        assert row.judge_eer == reading["eer"].loc[method].min()
        assert 0 <= row.correlation <= 1 + 1e-6
        assert -1 <= row.ssim <= 1 + 1e-6
    assert methods.loc["real", "rank_1"] > 2 * summary["chance"]  # or the judges could read nothing at all
    assert methods["rank_1"].loc["negative"] >= reading["rank_1"].loc["real", "plain"].max()


@pytest.mark.parametrize("modality", MODALITIES)
def test_methods_agree_with_the_other_stages(modality: str) -> None:
    """The row of a generator repeats numbers that two other stages compute."""
    reports = Paths(modality).reports
    methods = pd.read_csv(reports / "methods.csv", index_col=0)
    verification = json.loads((reports / "verification.json").read_text())

    assert methods.loc["real", "eer"] == pytest.approx(verification["real_real"]["eer"], abs=2e-3)
    for kind in GENERATORS:
        assert methods.loc[kind, "eer"] == pytest.approx(verification[kind]["real_template"]["eer"], abs=2e-3)
        distortion = json.loads((reports / "distortion" / f"{kind}.json").read_text())
        assert methods.loc[kind, "mse"] == pytest.approx(distortion["mse"], rel=1e-4)
        assert methods.loc[kind, "d_emb"] == pytest.approx(distortion["d_emb"], abs=1e-4)
    assert methods.loc["real", ["mse", "d_emb"]].to_numpy().tolist() == [0, 0]


@pytest.mark.parametrize("modality", MODALITIES)
def test_protections_stand_beside_ours(modality: str) -> None:
    """Ours have the numbers of the verification: it is the same images and pairs."""
    table = pd.read_csv(Paths(modality).reports / "protections.csv", index_col=0)
    verification = json.loads((Paths(modality).reports / "verification.json").read_text())
    with_token = list(SCHEMES)

    assert table.index.tolist() == ["real", *GENERATORS, *with_token]
    assert table.columns.tolist() == list(COLUMNS)
    assert table.loc["real", "eer_stolen"] == pytest.approx(verification["real_real"]["eer"], abs=1e-6)
    for kind in GENERATORS:
        its = verification[kind]["real_template"]
        assert table.loc[kind, "eer_stolen"] == pytest.approx(its["eer"], abs=1e-6)
        assert table.loc[kind, "eer_stolen_low"] == pytest.approx(its["eer_ci"][0], abs=1e-6)
        assert table.loc[kind, "eer_stolen_high"] == pytest.approx(its["eer_ci"][1], abs=1e-6)
    # Where there is no token, nobody can have one of their own, and none can be stolen.
    assert table.index[table["eer_normal"].notna()].tolist() == with_token
    assert table.index[table["d_sys_stolen"].notna()].tolist() == ["keyed", "biohash_64", "biohash_128", "iom_grp"]
    shares = [name for name in table.columns if name.startswith(("eer", "d_sys", "floor"))]
    assert (table[shares].isna() | ((table[shares] >= 0) & (table[shares] <= 1))).all(axis=None)
    assert (table["eer_normal"].loc[with_token] <= table["eer_stolen"].loc[with_token]).all()


@pytest.mark.parametrize(("modality", "rows"), [("digits", [8, 20 + 160]), ("faces", [8, 12])])
def test_adaptive_judge_learns_from_every_other_held_out_image(modality: str, rows: list[int]) -> None:
    """And from the training images of the same classes: people are held out whole, digits are not."""
    table = pd.read_csv(Paths(modality).reports / "adaptive.csv", index_col=["n", "generator"])["accuracy"]

    assert table.index.tolist() == [(n, name) for n in rows for name in ("embedding", "real", *GENERATORS)]
    assert table.between(0, 1).all()
    # Shares of 20 digits and of 12 faces.
    probes = {"digits": 20, "faces": 12}[modality]
    np.testing.assert_allclose(table * probes, (table * probes).round(), atol=1e-6)


def test_report_shows_every_figure_there_is_and_no_other() -> None:
    shown = set(re.findall(r"!\[[^\]]*\]\(([^)]+)\)", Path("reports/report.md").read_text(encoding="utf-8")))
    drawn = {path.relative_to("reports").as_posix() for path in Path("reports").rglob("*.png")}

    assert shown == drawn
    assert len(drawn) >= 18


def test_report_html_needs_nothing_beside_it() -> None:
    """It is mailed around: images inside, nothing fetched."""
    page = Path("reports/report.html").read_text(encoding="utf-8")
    sources = re.findall(r'\bsrc="([^"]*)"', page)

    assert len(sources) == len(list(Path("reports").rglob("*.png")))
    assert all(source.startswith("data:image/png;base64,") for source in sources)
    assert not re.search(r"<(script|link|iframe)\b|@import|url\(", page)
    assert page.count("<table>") >= 12
    assert "{{" not in page
    assert "{%" not in page


def test_report_prints_the_numbers_of_the_files() -> None:
    page = Path("reports/report.md").read_text(encoding="utf-8")
    results = Path("reports/results.md").read_text(encoding="utf-8")

    assert results.strip() in page
    page = unescape(page)  # brackets of a cell could begin a link
    for modality in MODALITIES:
        verification = json.loads((Paths(modality).reports / "verification.json").read_text())
        for its in (verification["real_real"], *(verification[kind]["real_template"] for kind in GENERATORS)):
            assert f"{100 * its['eer']:.2f} %" in results
            assert "{:.2f} [{:.2f}, {:.2f}]".format(*(100 * rate for rate in (its["eer"], *its["eer_ci"]))) in page
        for kind in GENERATORS:
            assert f"| {modality}, {kind} | Nobody recognises a template (abstract) |" in page
    assert Path("params.yaml").read_text(encoding="utf-8").strip() in page


def test_every_generator_and_every_data_set_has_a_card_that_the_report_links() -> None:
    page = Path("reports/report.md").read_text(encoding="utf-8")
    names = {f"{modality}{kind}" for modality in MODALITIES for kind in ("", *(f"-{kind}" for kind in GENERATORS))}

    assert {path.stem for path in Path("reports/cards").iterdir()} == names
    assert set(re.findall(r"\]\(cards/(.+?)\.md\)", page)) == names
    for modality in MODALITIES:
        verification = json.loads((Paths(modality).reports / "verification.json").read_text())
        for kind in GENERATORS:
            card = Path(f"reports/cards/{modality}-{kind}.md").read_text(encoding="utf-8")
            assert f"| EER, real – template | {verification[kind]['real_template']['eer']:.2%} [" in card
        card = Path(f"reports/cards/{modality}.md").read_text(encoding="utf-8")
        assert "Nothing is recorded of a data set called folder" in card


@pytest.mark.parametrize("modality", MODALITIES)
def test_flows_have_the_error_rates_of_verification(modality: str) -> None:
    flows = read_csv(Paths(modality).reports / "flows.csv", [0, 1, 2])["eer"]
    verification = read_json(Paths(modality).reports / "verification.json")

    assert flows["encryption", "real", "F"] == pytest.approx(verification["real_real"]["eer"])
    for kind in GENERATORS:
        assert flows["direct", kind, "F"] == pytest.approx(verification[kind]["real_template"]["eer"])
        assert flows["cancelable", kind, "F"] == pytest.approx(verification[kind]["template_template"]["eer"])


@pytest.mark.parametrize("modality", MODALITIES)
@pytest.mark.parametrize("name", attacks.NAMES)
def test_every_attack_has_findings_a_table_and_a_figure(modality: str, name: str) -> None:
    folder = Paths(modality).attacks
    findings = read_findings(folder / f"{name}.json")

    assert {"secret", "stolen"} & findings["keyed"].keys()
    assert "none" not in findings["keyed"]
    for kind in findings.keys() - {"keyed"}:
        assert list(findings[kind]) == ["none"]
    for its in (each for keys in findings.values() for each in keys.values()):
        assert its.low <= its.high
        assert its.floor <= its.limit
    assert set(read_csv(folder / f"{name}.csv").index) >= findings.keys()
    assert Image.open(folder / f"{name}.png").size > (100, 100)
