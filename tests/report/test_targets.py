import copy
from pathlib import Path

import pytest
from repository import ROOT
from ruamel.yaml import YAML

from masquerade.errors import InputError
from masquerade.report.targets import Targets, load_targets

COMMITTED = YAML(typ="safe", pure=True).load((ROOT / "targets.yaml").read_text(encoding="utf-8"))


def message(folder: Path, keys: tuple[str, ...], value: object) -> str:
    """The sentence about the committed targets with another value."""
    content = copy.deepcopy(COMMITTED)
    section = content
    for key in keys[:-1]:
        section = section[key]
    section[keys[-1]] = value
    path = folder / "targets.yaml"
    YAML().dump(content, path)
    with pytest.raises(InputError) as caught:
        load_targets(path)
    return caught.value.message.removeprefix(f"{path}: ")


def test_committed_targets_are_by_data_set_and_generator(targets: Targets) -> None:
    unet = targets.datasets["mnist5k"].generators["unet"]

    assert unet.model_dump(exclude_none=True) == {
        "eer": 0.06,
        "delta_eer": 0.003,
        "within_alpha": 0.9,
        "mse": 0.55,
        "rank_1": 0.45,
    }
    assert targets.datasets["orl"].generators["veiled"].detected == 0.02
    real = targets.datasets["mnist5k"].real
    assert real is not None
    assert real.plain == 0.98
    assert targets.datasets["lfw"].real is None
    assert (targets.run.datasets, targets.run.minutes) == (["mnist5k", "orl"], 12)


def test_every_stage_of_the_paper_is_a_script(targets: Targets) -> None:
    """A stage that is renamed must not drop out of the paper's minutes unseen."""
    scripts = {path.stem for path in (ROOT / "stages").glob("*.py")}

    assert {stage.partition("@")[0] for stage in targets.paper_stages} <= scripts
    assert len(set(targets.paper_stages)) == len(targets.paper_stages) == 14


@pytest.mark.parametrize(
    ("keys", "value", "expected"),
    [
        (("datasets", "orl", "generators", "unet", "err"), 0.1, "datasets.orl.generators.unet.err: unknown key"),
        (
            ("datasets", "orl", "generators", "gan"),
            {},
            "datasets.orl: generators.gan: must be one of keyed, unet, veiled",
        ),
        (("datasets", "orl", "fake"), {}, "datasets.orl.fake: unknown key"),
        (
            ("datasets", "orl", "generators", "keyed", "unbroken"),
            ["guessing"],
            "datasets.orl.generators.keyed.unbroken: there is no attack guessing",
        ),
        (
            ("datasets", "orl", "generators", "unet", "eer"),
            3,
            "datasets.orl.generators.unet.eer: must be between 0 and 1, got 3",
        ),
        (
            ("datasets", "orl", "real", "best_view"),
            98,
            "datasets.orl.real.best_view: must be between 0 and 1, got 98",
        ),
        (("datasets", "mnist", "real", "worst_view"), 0.9, "datasets.mnist.real.worst_view: unknown key"),
        (("run",), {"datasets": ["orl"]}, "run.minutes: missing"),
        (("run", "minutes"), 0, "run.minutes: must be a finite number above 0, got 0"),
        (("paper_stages",), "roc", "paper_stages: must be a valid list, got 'roc'"),
        (("bars",), {}, "bars: unknown key"),
    ],
)
def test_wrong_key_is_one_sentence_that_names_it(tmp_path: Path, keys: tuple, value: object, expected: str) -> None:
    assert message(tmp_path, keys, value) == expected


def test_missing_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "targets.yaml"

    with pytest.raises(InputError, match=rf"{path}: cannot be read: No such file or directory"):
        load_targets(path)
