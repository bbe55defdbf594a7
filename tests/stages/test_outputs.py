"""What the stages write, looked at as whoever opens the files would: contents, not existence."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from masquerade.data.pictures import Pictures
from masquerade.evaluation.templates import Templates
from masquerade.paths import Paths

MODALITIES = ("digits", "faces")
EVALUATION = ("distances", "pca", "roc", "confusion", "gallery")
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def in_finished(finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(finished)


def python(code: str, *arguments: str, **environment: str) -> str:
    """Run a program in a process of its own; return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], env=os.environ | environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_download_reads_every_picture_of_the_source() -> None:
    digits, faces = (Pictures.load(Paths(modality).pictures) for modality in MODALITIES)

    assert digits.images.shape == (200, 28, 28, 1)
    assert digits.names.tolist() == list("0123456789")
    assert np.bincount(digits.labels).tolist() == [20] * 10
    assert faces.images.shape[:3] == (48, 32, 32)
    assert np.bincount(faces.labels).tolist() == [4] * 12


def test_split_is_stratified_for_digits_and_by_person_for_faces() -> None:
    counts = {modality: pd.read_csv(Paths(modality).reports / "class_counts.csv") for modality in MODALITIES}
    faces = [Pictures.load(path).subjects for path in (Paths("faces").train, Paths("faces").test)]

    assert counts["digits"].train.tolist() == [16] * 10
    assert counts["digits"].test.tolist() == [4] * 10
    assert sorted(counts["faces"].train) == sorted(counts["faces"].test) == [0] * 6 + [4] * 6
    assert not set(faces[0]) & set(faces[1])
    for modality in MODALITIES:
        held_out = Pictures.load(Paths(modality).test)
        assert np.bincount(held_out.labels, minlength=len(held_out.names)).tolist() == counts[modality].test.tolist()


@pytest.mark.parametrize("modality", MODALITIES)
def test_embedder_opens_in_a_process_without_this_package(modality: str) -> None:
    """Whoever gets the file has Keras and nothing else; and it must be the F behind every number."""
    code = """
import sys, json, keras, numpy as np
network, pictures = keras.models.load_model(sys.argv[1]), np.load(sys.argv[2])
vectors = network.predict(pictures["images"] / np.float32(255), verbose=0)
assert not [name for name in sys.modules if name.startswith("masquerade.")]
print(json.dumps([vectors.tolist(), network.trainable]))
"""
    output = python(code, str(Paths(modality).embedder), str(Paths(modality).test), TF_CPP_MIN_LOG_LEVEL="3")
    vectors, trainable = json.loads(output.splitlines()[-1])

    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(vectors, Templates.load(Paths(modality).templates).real_embeddings, atol=1e-4)
    assert trainable is False


@pytest.mark.parametrize("modality", MODALITIES)
def test_embedder_report_agrees_with_the_verification(modality: str) -> None:
    """Two stages compute the real–real EER; they must not disagree."""
    report = json.loads((Paths(modality).reports / "embedder.json").read_text())
    verification = json.loads((Paths(modality).reports / "verification.json").read_text())

    assert report["eer"] == pytest.approx(verification["real_real"]["eer"], abs=1e-6)
    assert report["eer_ci"] == pytest.approx(verification["real_real"]["eer_ci"], abs=1e-6)
    assert report["embedder"] == {"digits": "triplet", "faces": "dlib"}[modality]
    assert 0 < report["mean_genuine_d_f"] < report["mean_impostor_d_f"] < 4
    assert report["images_per_second"] > 0


@pytest.mark.parametrize("modality", MODALITIES)
def test_stored_template_is_what_the_generator_draws(modality: str) -> None:
    """The paper's code evaluates something else than G(X) (errata 3); and F(T) must come from the 8-bit pixels."""
    import keras

    paths = Paths(modality)
    test, templates = Pictures.load(paths.test), Templates.load(paths.templates)
    generator, embedder = keras.models.load_model(paths.generator), keras.models.load_model(paths.embedder)
    drawn = np.round(generator.predict(test.images / np.float32(255), verbose=0) * 255)

    assert templates.images.dtype == np.uint8
    assert templates.images.shape == test.images.shape
    assert np.abs(drawn - templates.images).max() <= 1  # another batch size may round another way
    assert (drawn == templates.images).mean() > 0.999
    assert np.abs(drawn - test.images).mean() > 5  # it is not the picture itself
    of_stored = embedder.predict(templates.images / np.float32(255), verbose=0)
    np.testing.assert_allclose(templates.template_embeddings, of_stored, atol=1e-4)
    for vectors in (templates.real_embeddings, templates.template_embeddings):
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("modality", MODALITIES)
def test_distortion_numbers_follow_from_the_stored_files(modality: str) -> None:
    paths = Paths(modality)
    test, templates = Pictures.load(paths.test), Templates.load(paths.templates)
    each = pd.read_csv(paths.reports / "picture_distances.csv", index_col="picture")
    means = json.loads((paths.reports / "distortion.json").read_text())
    difference = test.images / 255 - templates.images / 255
    d_emb = ((templates.real_embeddings - templates.template_embeddings) ** 2).sum(axis=1)

    assert each["class"].astype(str).tolist() == test.names[test.labels].tolist()
    np.testing.assert_allclose(each["mse"], (difference**2).mean(axis=(1, 2, 3)), rtol=1e-4)
    np.testing.assert_allclose(each["d_emb"], d_emb, rtol=1e-4)
    assert means["mse"] == pytest.approx(each["mse"].mean())
    assert means["within_alpha"] == pytest.approx((d_emb <= 0.2).mean())
    assert {"hamming", "euclidean", "mse", "dssim", "sobel", "combined", "d_emb"} <= set(each)


@pytest.mark.parametrize(
    ("modality", "mated", "others"),
    [
        ("digits", 60, 720),  # 10 classes of 4: 10·(4·3/2) pairs of 40·39/2 = 780
        ("faces", 36, 240),  # 6 people with 4: 6·(4·3/2) of 24·23/2 = 276
    ],
)
def test_verification_counts_all_pairs_once(modality: str, mated: int, others: int) -> None:
    """Real against template is not symmetric, so it has twice the pairs; a template never meets its own picture."""
    report = json.loads((Paths(modality).reports / "verification.json").read_text())
    arms = [arm for arm in report if isinstance(report[arm], dict)]
    counts = {arm: (report[arm]["n_genuine"], report[arm]["n_impostor"]) for arm in arms}

    assert counts == {
        "real_real": (mated, others),
        "real_template": (2 * mated, 2 * others),
        "template_template": (mated, others),
    }
    for arm in arms:
        low, high = report[arm]["eer_ci"]
        assert 0 <= low <= high <= 1
        assert 0 <= report[arm]["eer"] <= 1
        assert 0 <= report[arm]["auc"] <= 1
    assert report["delta_eer"] == pytest.approx(report["real_template"]["eer"] - report["real_real"]["eer"])
    low, high = report["delta_eer_ci"]
    assert -1 <= low <= high <= 1


@pytest.mark.parametrize("modality", MODALITIES)
def test_roc_curves_cover_both_ends_in_every_arm(modality: str) -> None:
    curves = pd.read_csv(Paths(modality).reports / "roc.csv")

    assert set(curves.arm) == {"real_real", "real_template", "template_template"}
    for _, curve in curves.groupby("arm"):
        assert (curve.fmr.is_monotonic_increasing, curve.tmr.is_monotonic_increasing) == (True, True)
        assert (curve.fmr.iloc[0], curve.fmr.iloc[-1], curve.tmr.iloc[-1]) == (0, 1, 1)
        np.testing.assert_allclose(curve.tmr, 1 - curve.fnmr)


@pytest.mark.parametrize("modality", MODALITIES)
def test_table3_has_a_row_a_class_and_its_numbers(modality: str) -> None:
    paths = Paths(modality)
    test, templates = Pictures.load(paths.test), Templates.load(paths.templates)
    table = pd.read_csv(paths.reports / "table3.csv", dtype={"class": str}).set_index("class")
    present = test.names[np.unique(test.labels)]

    setups = ["real_gen", "real_real", "gen_gen", "real_own_gen"]
    # A folder of pictures is not the paper's data: no column of the paper.
    assert table.columns.tolist() == [f"{s}_mse" for s in setups] + [f"{s}_euclidean" for s in setups]
    assert table.index.tolist() == present.tolist()
    for name in present:
        chosen = test.names[test.labels] == name
        x, t = test.images[chosen] / 255, templates.images[chosen] / 255
        pairs = [np.mean((x[i] - t[j]) ** 2) for i in range(4) for j in range(4) if i != j]
        assert table.loc[name, "real_own_gen_mse"] == pytest.approx(np.mean((x - t) ** 2))
        assert table.loc[name, "real_gen_mse"] == pytest.approx(np.mean(pairs))


@pytest.mark.parametrize("modality", MODALITIES)
def test_table4_averages_every_protocol_and_arm_over_the_repeats(modality: str) -> None:
    table = pd.read_csv(Paths(modality).reports / "table4.csv", index_col=[0, 1])
    repeats = pd.read_csv(Paths(modality).reports / "confusion_repeats.csv")
    metrics = json.loads((Paths(modality).reports / "confusion.json").read_text())
    rows = {(protocol, arm) for protocol in ("paper", "held_out") for arm in ("real_real", "real_template")}

    assert set(table.index) == rows
    assert len(repeats) == 2 * len(rows)
    np.testing.assert_allclose(table.tp + table.fn, 50)
    np.testing.assert_allclose(table.fp + table.tn, 50)
    for protocol, arm in rows:
        mean = repeats.query("protocol == @protocol and arm == @arm").f1.mean()
        assert metrics[f"{protocol}.{arm}.f1"] == pytest.approx(mean)
        assert table.loc[(protocol, arm), "f1"] == pytest.approx(mean)
        assert table.loc[(protocol, arm), "f1_low"] <= mean <= table.loc[(protocol, arm), "f1_high"]


@pytest.mark.parametrize("modality", MODALITIES)
def test_table5_shows_this_generator_before_the_provoked_failures(modality: str) -> None:
    table = pd.read_csv(Paths(modality).reports / "table5.csv", index_col=0)
    distortion = json.loads((Paths(modality).reports / "distortion.json").read_text())

    assert table.index.tolist() == ["this pipeline's generator", "contours"]
    assert table.columns.tolist() == ["mse", "d_emb", "spread", "edge_correlation", "gamma_r2"]
    assert table["mse"].iloc[0] == pytest.approx(distortion["mse"], rel=1e-4)
    assert table["d_emb"].iloc[0] == pytest.approx(distortion["d_emb"], rel=1e-4)
    assert table["mse"].nunique() == 2  # the other row is another generator


@pytest.mark.parametrize("modality", MODALITIES)
def test_pca_says_how_much_it_shows_and_how_far_templates_moved(modality: str) -> None:
    metrics = json.loads((Paths(modality).reports / "pca.json").read_text())
    moved = pd.read_csv(Paths(modality).reports / "displacements.csv", index_col=0)
    shares = [metrics[f"explained_{axis}"] for axis in (1, 2, 3)]

    assert sorted(shares, reverse=True) == shares
    assert 0 < sum(shares) <= 1 + 1e-6
    np.testing.assert_allclose(moved.ratio, moved.displacement / moved.to_nearest_class, rtol=1e-6)
    assert metrics["mean_ratio"] == pytest.approx(moved.ratio.mean())
    assert len(moved) == {"digits": 10, "faces": 6}[modality]


def test_alpha_sweep_collects_one_training_for_each_alpha() -> None:
    table = pd.read_csv("reports/digits/alpha_sweep.csv", index_col="alpha")
    single = [json.loads(Path(f"reports/digits/alpha_sweep/{alpha}.json").read_text()) for alpha in ("0.0", "0.4")]

    assert table.index.tolist() == [0.0, 0.4]
    assert table.eer.tolist() == pytest.approx([row["eer"] for row in single])
    assert table.mse.tolist() == pytest.approx([row["mse"] for row in single])
    assert {"d_emb", "within_alpha", "hamming"} <= set(table)


@pytest.mark.parametrize("modality", MODALITIES)
def test_generator_curves_follow_eq_7(modality: str) -> None:
    """loss = (1 − π)·ℓ_img + π·ℓ_emb, for training and held-out pictures."""
    from masquerade.params import load_params

    curves = pd.read_csv(Paths(modality).reports / "generator_curves.csv", index_col="epoch")
    pi_emb = load_params().modality(modality).loss.pi_emb

    assert curves.index.tolist() == [1]
    for prefix in ("", "val_"):
        parts = (1 - pi_emb) * curves[f"{prefix}generated_loss"] + pi_emb * curves[f"{prefix}embedding_loss"]
        np.testing.assert_allclose(curves[f"{prefix}loss"], parts, rtol=1e-3, atol=1e-4)
        assert (curves[f"{prefix}generated_loss"] < 0).all()
        assert (curves[f"{prefix}embedding_d_emb"] >= curves[f"{prefix}embedding_loss"]).all()


def test_report_shows_every_figure_there_is_and_no_other() -> None:
    shown = set(re.findall(r"!\[[^\]]*\]\(([^)]+)\)", Path("reports/report.md").read_text(encoding="utf-8")))
    drawn = {path.relative_to("reports").as_posix() for path in Path("reports").rglob("*.png")}

    assert shown == drawn
    assert len(drawn) >= 18


def test_report_html_needs_nothing_beside_it() -> None:
    """It is mailed around: pictures inside, nothing fetched."""
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
    for modality in MODALITIES:
        verification = json.loads((Paths(modality).reports / "verification.json").read_text())
        for arm in ("real_real", "real_template"):
            assert f"{verification[arm]['eer']:.2%} [{verification[arm]['eer_ci'][0]:.2%}" in results
    assert Path("params.yaml").read_text(encoding="utf-8").strip() in page


def test_mlflow_has_one_parent_with_the_numbers_of_the_files(finished: Path) -> None:
    from mlflow.tracking import MlflowClient

    client = MlflowClient(f"sqlite:///{finished / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("masquerade").experiment_id
    runs = client.search_runs([experiment])
    # Without DVC and git the state is the digest of params.yaml; tests that break a stage have another.
    (parent,) = [run for run in runs if re.fullmatch("[0-9a-f]{7}", run.info.run_name)]
    stages = {run.info.run_name for run in runs if run.data.tags.get("mlflow.parentRunId") == parent.info.run_id}
    eer = json.loads(Path("reports/faces/verification.json").read_text())["real_template"]["eer"]

    assert {f"{stage}@{modality}" for stage in EVALUATION for modality in MODALITIES} <= stages
    assert parent.data.metrics["faces.real_template.eer"] == pytest.approx(eer)
    assert parent.data.params["generator.alpha"] == "0.2"
    assert parent.info.status == "FINISHED"


def test_evaluation_never_loads_the_training_framework(project: Path) -> None:
    """TensorFlow costs 8 s a stage; the bar for an evaluation stage is 5 s. Here they all run, in one process."""
    code = """
import runpy, sys
scripts, *commands = sys.argv[1:]
for command in commands:
    stage, *arguments = command.split()
    sys.argv = [stage, *arguments]
    try:
        runpy.run_path(f"{scripts}/{stage}.py", run_name="__main__")
    except SystemExit as end:
        assert not end.code, command
print(sorted({"keras", "tensorflow", "jax", "torch"} & set(sys.modules)))
"""
    commands = [f"{stage} --modality faces" for stage in EVALUATION] + ["alpha_curve --modality digits", "report"]
    output = python(code, str(ROOT / "stages"), *commands)

    assert output.splitlines()[-1] == "[]"
