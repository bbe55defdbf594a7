"""The model that the stage ``package`` logs: loaded, and served by MLflow over HTTP."""

import base64
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from masquerade.keys import Keyring, MasterKey, Record, create_key
from masquerade.lock import Lock

pytestmark = pytest.mark.slow

SUBJECTS = ["Ada", "Bo"]


@pytest.fixture(scope="module")
def project(reproduced: Path) -> Path:
    return reproduced / "masquerade"


@pytest.fixture(scope="module")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("secret") / "key"
    create_key(file)
    return file


@pytest.fixture(scope="module")
def key(key_file: Path) -> MasterKey:
    return MasterKey(key_file.read_bytes())


@pytest.fixture(scope="module")
def images(project: Path) -> np.ndarray:
    with np.load(project / "data/faces/test.npz") as file:
        return file["images"][:2]


@pytest.fixture(scope="module")
def rows(images: np.ndarray) -> pd.DataFrame:
    from masquerade.recognition.model import png

    return pd.DataFrame({"image": [png(image) for image in images], "subject": SUBJECTS})


def lock(components: object, key: MasterKey, numbers: list[int]) -> Lock:
    """The lock of the templates that the model made for these people of the system ``door``."""
    records = [Record("door", *its) for its in zip(SUBJECTS, numbers, strict=True)]
    return Lock(components, Keyring(key, records))  # type: ignore[arg-type]


@pytest.mark.usefixtures("eagerly")
def test_a_packaged_model_makes_templates_with_a_key(
    project: Path,
    images: np.ndarray,
    rows: pd.DataFrame,
    key: MasterKey,
    key_file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Templates and F(T) out; F(X) only where it is asked for."""
    import mlflow

    from masquerade.recognition.model import open_model, pixels

    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{project / 'mlflow.db'}")
    mlflow.set_tracking_uri(f"sqlite:///{project / 'mlflow.db'}")
    monkeypatch.setenv("MASQUERADE_KEY", str(key_file))
    monkeypatch.chdir(project)

    served = mlflow.pyfunc.load_model("models:/faces-keyed/1")
    made = served.predict(rows, params={"cropped": True, "system": "door"})
    as_floats = pd.DataFrame({"pixels": [(image / 255).tolist() for image in images]})
    embedded = np.stack(served.predict(as_floats, params={"embed": True})["vector"])

    model = open_model("faces")
    np.testing.assert_allclose(model.embed(images), embedded, atol=1e-5)
    np.testing.assert_allclose(model.embed(pixels(made["template"])), np.stack(made["vector"]), atol=1e-5)
    templates, _ = model.paint(embedded, lock(model.components, key, made["number"].tolist()))
    np.testing.assert_allclose(pixels(templates).astype(int), pixels(made["template"]), atol=1)
    assert open_model("models:/faces-keyed/1").digest == model.digest
    with pytest.raises(Exception, match="row 0: has neither an image nor pixels"):
        served.predict(rows[["subject"]])


@pytest.fixture(scope="module")
def address(project: Path, key_file: Path) -> Iterator[str]:
    """Of ``mlflow models serve``."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "MLFLOW_TRACKING_URI": f"sqlite:///{project / 'mlflow.db'}",
        "MASQUERADE_KEY": str(key_file),
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    command = ["-m", "mlflow", "models", "serve", "--env-manager", "local", "--model-uri", "models:/faces-keyed/1"]
    server = subprocess.Popen([sys.executable, *command, "--port", str(port)], env=environment, cwd=project)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            assert server.poll() is None
            try:
                urllib.request.urlopen(f"{address}/ping")
                break
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait()


def test_mlflow_serves_the_model(
    project: Path, address: str, rows: pd.DataFrame, images: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded = rows.assign(image=[base64.b64encode(image).decode() for image in rows["image"]])
    body = {"dataframe_split": encoded.to_dict("split", index=False), "params": {"cropped": True, "system": "door"}}
    request = urllib.request.Request(
        f"{address}/invocations", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        predictions = json.load(answer)["predictions"]

    assert [set(prediction) for prediction in predictions] == [{"number", "template", "vector"}] * 2
    templates = [base64.b64decode(prediction["template"]) for prediction in predictions]
    assert all(template.startswith(b"\x89PNG") for template in templates)
    from masquerade.recognition.model import open_model, pixels

    monkeypatch.chdir(project)
    model = open_model("faces")
    seen = np.array([prediction["vector"] for prediction in predictions])
    np.testing.assert_allclose(model.embed(pixels(templates)), seen, atol=1e-5)
