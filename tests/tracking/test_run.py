"""What a stage logs is what a person reads in its run and in the parent's."""

import json
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from mlflow_runs import artifacts, client, curve, local, parents, stages

from masquerade.errors import InputError
from masquerade.tracking import stage_run
from masquerade.tracking.store import ARTIFACTS, DATABASE


def test_temporary_experiment_registers_its_model(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MLflow's registry looks a model up through a client of its own, by default in the current folder's store."""
    keras = pytest.importorskip("keras")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.chdir(temporary)
    monkeypatch.setenv("DVC_ROOT", str(project))
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    with stage_run("train") as run:
        assert run.log_model(model, name="tiny", example=np.zeros((1, 2), np.float32)) == "models:/tiny/1"
    assert list(temporary.iterdir()) == []
    assert client(project).get_model_version("tiny", "1").run_id == run.id
    folder = local(client(project).get_model_version_download_uri("tiny", "1"))
    assert folder.is_relative_to(project)
    assert (folder / "data" / "model.keras").is_file()


def test_limits_of_one_request_are_kept(project: Path) -> None:
    """MLflow refuses more than 100 params or 1,000 points at once and cuts values at 6,000 characters."""
    params = {f"p{i}": i for i in range(150)} | {"long": "x" * 7000}
    curves = {f"loss.{i}": float(i) for i in range(2500)}
    with stage_run("train", params=params) as run:
        run.log_epoch(1, curves)
    (stage,) = stages(project)
    assert len(stage.data.params) == 151
    assert len(stage.data.params["long"]) == 6000
    assert {name: stage.data.metrics[name] for name in curves} == curves


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_metric_that_is_no_number_is_refused(project: Path, value: float) -> None:
    """MLflow shows an infinite metric as 1.8e308 and NaN as a result like others."""
    with pytest.raises(InputError, match=r"real\.eer is (nan|inf)"), stage_run("roc") as run:
        run.log_metrics({"fine": 1.0, "real.eer": value})
    assert "fine" not in stages(project)[0].data.metrics


def test_curve_skips_what_was_not_measured(project: Path) -> None:
    """A validation every second epoch is NaN in between; infinity is a diverged training."""
    with stage_run("train") as run:
        run.log_epoch(1, {"loss": 3.0, "val_loss": float("nan")})
        run.log_epoch(2, {"loss": 2.0, "val_loss": 4.0})
        assert curve(project, run.id, "val_loss") == [(2, 4.0)]
        with pytest.raises(InputError, match="loss is infinite at step 3"):
            run.log_epoch(3, {"loss": float("inf")})
    assert curve(project, run.id, "loss") == [(1, 3.0), (2, 2.0)]


def test_curve_grows_while_the_training_goes_on(project: Path) -> None:
    """Whoever looks into the store while epoch 2 runs sees epoch 1."""
    keras = pytest.importorskip("keras")
    from masquerade.training import Batches, fit

    network = keras.Sequential([keras.Input((2, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(1)])
    network.compile("sgd", loss="mse")
    batches = Batches(np.zeros((4, 2, 2, 1), np.uint8), np.ones((4, 1), np.float32), 2, shuffle_seed=7)
    seen: list[list[tuple[int, float]]] = []
    with stage_run("train") as run:
        look = keras.callbacks.LambdaCallback(on_epoch_begin=lambda *_: seen.append(curve(project, run.id, "loss")))
        curves = fit(network, batches, None, 3, callbacks=[look], watch=run.log_epoch)
    points = list(curves["loss"].items())
    assert seen == [[], points[:1], points[:2]]
    assert curve(project, run.id, "loss") == points


def test_resumed_training_has_every_epoch_once(project: Path) -> None:
    """It shows the epochs of its backup again, the last of which the killed process may not have logged."""
    with suppress(KeyboardInterrupt), stage_run("train") as killed:
        killed.log_epoch(1, {"loss": 3.1})
        killed.log_epoch(2, {"loss": 2.1})
        raise KeyboardInterrupt
    with stage_run("train") as run:
        for epoch, loss in enumerate([3.1, 2.1, 1.1, 0.1], 1):
            run.log_epoch(epoch, {"loss": loss})
    assert run.id == killed.id
    assert curve(project, run.id, "loss") == [(1, 3.1), (2, 2.1), (3, 1.1), (4, 0.1)]


def test_training_that_begins_again_with_other_numbers_is_not_hidden(project: Path) -> None:
    """Its state could not be used, because the code is another one."""
    with suppress(KeyboardInterrupt), stage_run("train") as killed:
        killed.log_epoch(1, {"loss": 3.1})
        raise KeyboardInterrupt
    with stage_run("train") as run:
        run.log_epoch(1, {"loss": 2.5})
    assert run.id == killed.id
    assert stages(project)[0].data.metrics["loss"] == 2.5


def test_curves_of_several_trainings_have_a_prefix(project: Path) -> None:
    with stage_run("alpha_sweep") as run:
        run.log_epoch(1, {"loss": 3.0}, prefix="0.2.")
    assert curve(project, run.id, "0.2.loss") == [(1, 3.0)]


def test_warning_is_a_tag_and_a_number_of_stage_and_parent(project: Path) -> None:
    with stage_run("train", modality="digits") as run:
        run.warn("unet", ["beyond α", "pale"])
        run.warn("veiled", [])
    (stage,), (parent,) = stages(project), parents(project)

    assert (stage.data.tags["warning.unet"], stage.data.metrics["warnings.unet"]) == ("beyond α; pale", 2)
    assert parent.data.tags["warning.digits.unet"] == "beyond α; pale"
    assert parent.data.metrics["digits.warnings.unet"] == 2
    assert (parent.data.tags["warning.digits.veiled"], parent.data.metrics["digits.warnings.veiled"]) == ("", 0)


def test_description_is_the_parents(project: Path) -> None:
    table = "| | digits |\n|---|---|\n| EER | 4.66% [3.55%, 5.70%] |\n"
    for text in ("an earlier one", table):
        with stage_run("report") as run:
            run.describe(text)
    assert parents(project)[0].data.tags["mlflow.note.content"] == table
    assert "mlflow.note.content" not in stages(project)[0].data.tags


@pytest.mark.parametrize(
    ("text", "kept"), [("a row\n" * 2000, "a row\n" * 1333), ("a" * 9000, "a" * 8000), ("a row\n" * 10, "a row\n" * 10)]
)
def test_long_description_is_cut_between_lines(project: Path, text: str, kept: str) -> None:
    """MLflow cuts at 8,000 characters, which would break a row of a table."""
    with stage_run("report") as run:
        run.describe(text)
    assert parents(project)[0].data.tags["mlflow.note.content"].rstrip() == kept.rstrip()


def test_files_lie_under_stage_and_parent(project: Path) -> None:
    """The parent is where the tables of both modalities are compared."""
    (project / "table3.csv").write_text("alpha,eer\n0.2,0.03\n")
    with stage_run("distances", modality="digits") as run:
        run.log_files("table3.csv", project / "params.yaml")
        with pytest.raises(InputError, match=r"missing\.png"):
            run.log_files("missing.png")
    assert artifacts(stages(project)[0]) == {"table3.csv", "params.yaml"}
    assert artifacts(parents(project)[0]) == {"params.yaml", "digits/table3.csv", "digits/params.yaml"}


def test_digest_covers_every_pixel_and_label(project: Path) -> None:
    """MLflow's own digest stops after 10,000 numbers, which is twelve digits."""
    images, labels = np.zeros((20, 28, 28, 1), np.uint8), np.zeros(20, np.int64)
    other_images, other_labels = images.copy(), labels.copy()
    other_images[-1, -1, -1] = other_labels[-1] = 1
    digests = []
    for pair in ((images, labels), (other_images, labels), (images, other_labels), (images.copy(), labels.copy())):
        with stage_run("split") as run:
            run.log_images(*pair, name="mnist5k", split="train")
        (logged,) = stages(project)[0].inputs.dataset_inputs
        assert (logged.dataset.name, logged.tags[0].value) == ("mnist5k", "train")
        digests.append(logged.dataset.digest)
    assert len(set(digests)) == 3
    assert digests[3] == digests[0]


def test_data_sets_are_inputs_of_the_parent_too(project: Path) -> None:
    """Its column "Dataset" is what a person sees first; a repeated stage adds none."""
    images, labels = np.zeros((4, 8, 8, 1), np.uint8), np.arange(4)
    for _ in range(2):
        with stage_run("split", modality="digits") as run:
            run.log_images(images, labels, name="mnist5k", split="train")
            run.log_images(images[:2], labels[:2], name="mnist5k", split="test")
    for logged in (parents(project)[0], stages(project)[0]):
        inputs = logged.inputs.dataset_inputs
        assert sorted((each.dataset.name, each.tags[0].value) for each in inputs) == [
            ("mnist5k", "test"),
            ("mnist5k", "train"),
        ]


def test_models_are_outputs_of_the_parent_too(project: Path) -> None:
    """Its column "Models" leads to the model of another stage, its page to the registered version."""
    keras = pytest.importorskip("keras")
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    with stage_run("train") as run:
        run.log_model(model, name="tiny", example=np.zeros((1, 2), np.float32))
    stage, parent = (client(project).get_run(run_id) for run_id in (run.id, run.parent_id))
    (output,) = parent.outputs.model_outputs
    logged = client(project).get_logged_model(output.model_id)
    assert logged.name == "tiny"
    assert json.loads(logged.tags["mlflow.modelVersions"]) == [{"name": "tiny", "version": 1}]
    assert [each.model_id for each in stage.outputs.model_outputs] == [output.model_id]


def test_model_is_registered_and_predicts(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else's process loads it by name and gets the same numbers."""
    keras = pytest.importorskip("keras")
    import mlflow

    monkeypatch.setenv("DVC_EXP_NAME", "v1")  # reserved as an alias by MLflow
    model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(2, 3), keras.layers.Activation("sigmoid")])
    images = np.random.default_rng(7).random((3, 8, 8, 1), np.float32)
    uris = []
    for _ in range(2):
        with stage_run("train_generator", modality="digits", params={"seed": 7}) as run:
            uris.append(run.log_model(model, name="digits-generator", example=images))
    assert uris == ["models:/digits-generator/1", "models:/digits-generator/2"]
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{project / DATABASE}")
    for uri in (uris[0], "models:/digits-generator@experiment-v1"):
        loaded = mlflow.pyfunc.load_model(uri)
        np.testing.assert_array_equal(loaded.predict(images), model.predict(images, verbose=0))
    assert loaded.metadata.signature.inputs.inputs[0].shape == (-1, 8, 8, 1)
    (requirements, *_) = (project / ARTIFACTS / "models").rglob("requirements.txt")
    assert f"keras=={keras.__version__}" in requirements.read_text().splitlines()
    (other,) = {"jax", "tensorflow"} - {keras.backend.backend()}
    assert other not in requirements.read_text()  # only the backend it was made with
