"""Spark makes the templates that the local command makes; a restart makes what is missing."""

import io
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from linear_model import CALIBRATION
from PIL import Image
from repository import ROOT

from masquerade.errors import InputError
from masquerade.evaluation.pairs import paired_distances, squared_distances
from masquerade.json_file import write_json
from masquerade.keys import Keyring, Record, create_key, read_key
from masquerade.lock import Components, Lock

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.slow

FILES = {"embedder": "embedder.keras", "generator": "keyed.keras", "usage": "keyed.json"}  # as the pipeline names them


@pytest.fixture(scope="module")
def spark() -> Iterator["SparkSession"]:
    pytest.importorskip("pyspark", reason="pip install masquerade[spark]")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java: apt install openjdk-17-jre-headless")
    from pyspark.sql import SparkSession

    settings = {"ui.enabled": "false", "driver.host": "127.0.0.1", "driver.bindAddress": "127.0.0.1"}
    builder = SparkSession.builder.master("local[2]")
    for name, value in settings.items():
        builder = builder.config(f"spark.{name}", value)
    session = builder.getOrCreate()
    yield session
    session.stop()


@pytest.fixture
def model(tmp_path: Path, rng: np.random.Generator) -> Path:
    """F and a keyed G of 8 × 8 pixels, as MLflow saves them."""
    import mlflow.pyfunc

    from masquerade.embedders.dense import dense
    from masquerade.generators.keyed.deriving import keyed_generator
    from masquerade.generators.veiled.network import veil, veiled_generator
    from masquerade.params import load_params
    from masquerade.saving import save_model
    from masquerade.served import model
    from masquerade.served.signature import signature

    embedder = dense((8, 8, 1), hidden=16, dimension=6, seed=1)
    settings = (
        load_params(ROOT / "params.yaml").modality("faces").settings("veiled").changed({"width": 4, "noise": 0.0})
    )
    veiled = veiled_generator(veil(6, (8, 8, 1), settings, seed=7), embedder)
    vectors = embedder.predict(rng.uniform(size=(24, 8, 8, 1)), verbose=0)
    save_model(embedder, tmp_path / "embedder.keras")
    save_model(keyed_generator(veiled, Components.fit(vectors, 4, 0.5)), tmp_path / "keyed.keras")
    points = [point._asdict() for point in CALIBRATION.points]
    usage = {"refinement": 0, "photographs": None, "calibration": asdict(CALIBRATION) | {"points": points}}
    write_json(tmp_path / "keyed.json", usage)
    mlflow.pyfunc.save_model(
        str(tmp_path / "model"),
        python_model=model.__file__,
        artifacts={name: str(tmp_path / file) for name, file in FILES.items()},
        code_paths=[str(ROOT / "masquerade")],
        signature=signature(),
        pip_requirements=["mlflow"],
    )
    return tmp_path / "model"


def test_spark_makes_what_one_process_makes(
    spark: "SparkSession", model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator
) -> None:
    from masquerade.recognition.model import open_model
    from masquerade.served.spark import distort_all

    key, images, out = tmp_path / "key", tmp_path / "images", tmp_path / "out"
    monkeypatch.setenv("MASQUERADE_KEY", str(key))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'mlflow.db'}")
    create_key(key)
    images.mkdir()
    pixels = rng.integers(0, 256, (40, 8, 8), dtype=np.uint8)
    rows = pd.DataFrame({"image": list(map(png, pixels)), "subject": [f"person {number}" for number in range(40)]})
    for part in range(2):
        rows[20 * part : 20 * part + 20].to_parquet(images / f"{part}.parquet")

    assert sorted(distort_all(spark, images, out, str(model), "door")) == [out / "0", out / "1"]

    made = pd.concat([pd.read_parquet(out / "0"), pd.read_parquet(out / "1")]).set_index("subject").loc[rows["subject"]]
    local = open_model(str(model))
    plain = local.embed(pixels[..., None])
    lock = Lock(
        local.components,
        Keyring(read_key(), [Record("door", *its) for its in zip(rows["subject"], made["number"], strict=True)]),
    )
    theirs, (_, ours) = np.stack(made["vector"].to_list()), local.paint(plain, lock)
    assert made["template"].map(lambda file: file[:4]).eq(b"\x89PNG").all()
    assert made["number"].is_unique
    locked = lock.lock(plain)
    np.testing.assert_allclose(paired_distances(theirs, locked), paired_distances(ours, locked), atol=1e-3)
    decisions = [squared_distances(plain, lock.unlock(vectors)) <= 0.6 for vectors in (theirs, ours)]
    assert (decisions[0] == decisions[1]).all()

    shutil.rmtree(out / "1")
    (out / ".1.unfinished").mkdir()  # as a killed job leaves it
    before = (out / "0").stat().st_mtime_ns
    assert list(distort_all(spark, images, out, str(model), "door")) == [out / "1"]
    assert (out / "0").stat().st_mtime_ns == before
    assert not list(out.glob(".*.unfinished"))
    assert list(distort_all(spark, images, out, str(model), "door")) == []
    with pytest.raises(InputError, match=r"out: holds templates of system door, and this is system gate$"):
        next(distort_all(spark, images, out, str(model), "gate"))

    rows[:1].assign(image=b"no image").to_parquet(images / "2.parquet")
    with pytest.raises(InputError, match=r"2\.parquet: row 0: "):
        list(distort_all(spark, images, out, str(model), "door"))
    assert not (out / "2").exists()
    assert not list(out.glob(".*.unfinished"))
    shutil.rmtree(images)
    with pytest.raises(InputError, match=r"images: has no \.parquet files$"):
        next(distort_all(spark, images, out, str(model), "door"))


def png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()
