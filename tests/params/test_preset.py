from pathlib import Path

import pytest

from masquerade.errors import InputError
from masquerade.params.preset import PRESETS, with_settings
from masquerade.plain_yaml import parse_yaml

ROOT = Path(__file__).parents[2]
COMMITTED = sorted(path.stem for path in (ROOT / PRESETS).glob("*.yaml"))


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    PRESETS.mkdir()


@pytest.fixture(scope="module")
def text() -> str:
    return (ROOT / "params.yaml").read_text(encoding="utf-8")


def preset(name: str, content: str) -> None:
    (PRESETS / f"{name}.yaml").write_text(content, encoding="utf-8")


def changed(before: str, after: str) -> list[str]:
    """The lines that are new, without their comments."""
    old = before.splitlines()
    return [line.partition("#")[0].strip() for line in after.splitlines() if line not in old]


def test_no_setting_but_the_named_ones_changes_and_comments_stay(text: str) -> None:
    preset("small", "seed: 8\ndigits:\n  unet: {training: {steps: 3}}\n")

    after = with_settings(text, ["small", "generator.alpha=0.3"])

    assert changed(text, after) == ["seed: 8", "alpha: 0.3", "steps: 3"]
    assert "seed: 8                       # 0…2³²−1; every random choice starts here" in after.splitlines()


def test_the_last_setting_of_a_key_counts(text: str) -> None:
    preset("first", "seed: 1\ndevices: 1\n")
    preset("second", "seed: 2\n")

    assert parse_yaml(with_settings(text, ["first", "second"]), "")["seed"] == 2
    assert parse_yaml(with_settings(text, ["second", "first"]), "")["seed"] == 1
    assert parse_yaml(with_settings(text, ["seed=3", "first", "seed=4"]), "")["seed"] == 4


def test_a_list_and_null_replace_what_there_was(text: str) -> None:
    preset("names", "faces: {held_out: [A, B], pairs: pairs.txt}\n")

    after = parse_yaml(with_settings(text, ["names", "faces.pairs=null", "faces.held_out=[C]"]), "")

    assert after["faces"]["held_out"] == ["C"]
    assert after["faces"]["pairs"] is None


def test_a_key_that_only_the_model_knows_is_added(text: str) -> None:
    without = text.replace("  triplet: null ", "  # triplet: null ")
    assert "triplet" not in parse_yaml(without, "")["faces"]

    after = parse_yaml(with_settings(without, ["faces.triplet=null"]), "")

    assert after["faces"]["triplet"] is None


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("digits: {depht: 3}\n", "conf/bad.yaml: digits.depht: unknown key"),
        ("digit: {image_size: 28}\n", "conf/bad.yaml: digit: unknown key"),
        ("seed: seven\n", "conf/bad.yaml: seed: must be "),
        ("- seed\n", "conf/bad.yaml: must be sections of params.yaml with the values that differ"),
        ("", "conf/bad.yaml: must be sections of params.yaml with the values that differ"),
    ],
)
def test_a_wrong_preset_is_one_sentence_that_names_it(text: str, content: str, sentence: str) -> None:
    preset("bad", content)

    with pytest.raises(InputError) as raised:
        with_settings(text, ["bad"])

    assert raised.value.message.startswith(sentence)
    assert "\n" not in raised.value.message


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("digits.depht=3", "digits.depht=3: digits.depht: unknown key"),
        ("seed=seven", "seed=seven: seed: must be "),
        ("seed=[", "seed=[: is not valid YAML: "),
        ("paper-scael", "conf/paper-scael.yaml: cannot be read: No such file or directory"),
    ],
)
def test_a_wrong_setting_is_named(text: str, setting: str, sentence: str) -> None:
    with pytest.raises(InputError) as raised:
        with_settings(text, [setting])

    assert raised.value.message.startswith(sentence)


def test_committed_presets_are_valid_alone_and_together(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)

    assert {"paper-scale", "paper-networks"} <= set(COMMITTED)
    for name in COMMITTED:
        assert with_settings(text, [name]) != text

    both = parse_yaml(with_settings(text, ["paper-scale", "paper-networks"]), "")
    assert (both["digits"]["dataset"], both["faces"]["dataset"], both["faces"]["image_size"]) == ("mnist", "lfw", 160)
    assert (both["digits"]["unet"]["width"], both["digits"]["unet"]["loss"]["pi_emb"]) == (64, 0.9)
