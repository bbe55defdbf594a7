import copy
import json
import math
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from reprlib import repr as shortened

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from ruamel.yaml import YAML

from masquerade.errors import InputError
from masquerade.params import Params, load_params
from masquerade.params.load import checked, sentence
from masquerade.params.root import with_modalities
from masquerade.plain_yaml import parse_yaml

COMMITTED = Path(__file__).parents[2] / "params.yaml"
CONTENT = YAML(typ="safe", pure=True).load(COMMITTED.read_text(encoding="utf-8"))


def changed(key: str, value: str) -> dict:
    """The committed parameters with the YAML text ``value`` at a dotted key ("-" removes the key).

    Only the value is parsed: the whole file takes fifty times as long.
    """
    content = copy.deepcopy(CONTENT)
    *parents, last = key.split(".")
    section = content
    for parent in parents:
        section = section[parent]
    if value == "-":
        del section[last]
    else:
        section[last] = parse_yaml(value, "params.yaml")
    return content


def refusal(key: str, value: str) -> str:
    with pytest.raises(InputError) as caught:
        checked(changed(key, value), Path("params.yaml"))
    return caught.value.message


def message(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        load_params(path)
    return caught.value.message


def test_committed_file_is_valid_and_typed(params: Params) -> None:
    assert 0 <= params.generator.alpha <= 4
    assert isinstance(params.seed, int)
    assert params.modality("digits").dataset == "mnist5k"
    assert params.modality("faces").triplet is None


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("generator.alpha", "abc", "generator.alpha: must be between 0 and 4, got 'abc'"),
        ("generator.alpha", "4.01", "generator.alpha: must be between 0 and 4, got 4.01"),
        ("generator.alpha", "-0.1", "generator.alpha: must be between 0 and 4, got -0.1"),
        ("generator.alpha", ".nan", "generator.alpha: must be between 0 and 4, got nan"),
        ("generator.alpha", "true", "generator.alpha: must be between 0 and 4, got True"),
        ("generator.alpha", "null", "generator.alpha: must be between 0 and 4, got None"),
        ("generator.optimizer", "3", "generator.optimizer: must be a valid string, got 3"),
        ("seed", "1.0", "seed: must be an integer from 0 to 4294967295, got 1.0"),
        ("seed", "4294967296", "seed: must be an integer from 0 to 4294967295, got 4294967296"),
        ("seed", "false", "seed: must be an integer from 0 to 4294967295, got False"),
        ("devices", "0", "devices: must be an integer from 1 to 1000000, got 0"),
        ("devices", "3", "digits.triplet.batch_size: 128 cannot be shared by devices = 3"),
        ("devices", "32", "faces.unet.training.batch_size: 8 cannot be shared by devices = 32"),
        ("digits.test_fraction", "1", "digits.test_fraction: must be between 0 and 1, both excluded, got 1"),
        ("digits.image_size", "7", "digits.image_size: must be an integer from 8 to 512, got 7"),
        ("digits.split_by", "person", "digits.split_by: must be 'class' or 'subject', got 'person'"),
        ("faces.held_out", "Tony_Blair", "faces.held_out: must be a valid list, got 'Tony_Blair'"),
        ("faces.held_out", "[s1, 3]", "faces.held_out.1: must be a valid string, got 3"),
        ("digits.held_out", "['1']", "digits: held_out needs split_by: subject"),
        ("faces.pairs", "3", "faces.pairs: must be a valid string, got 3"),
        ("evaluation.folds.count", "1", "evaluation.folds.count: must be an integer from 2 to 1000, got 1"),
        (
            "evaluation.mock_system.images",
            "3",
            "evaluation.mock_system.images: must be an integer from 4 to 1000000, got 3",
        ),
        ("faces.embedder", "vgg", "faces.embedder: must be 'triplet', 'dlib' or 'facenet', got 'vgg'"),
        ("faces.source", "3", "faces.source: must be a valid string, got 3"),
        (
            "faces.crop",
            "[0, 9, 0]",
            "faces.crop: must be [top, bottom, left, right], integers from -10000 to 10000 with",
        ),
        ("faces.crop", "[9, 9, 0, 9]", "faces.crop: must be [top, bottom, left, right], integers"),
        ("faces.crop", "[0, 9, 9, 0]", "faces.crop: must be [top, bottom, left, right], integers"),
        ("faces.crop", "[0, 9, 0, 1.5]", "faces.crop: must be [top, bottom, left, right], integers"),
        ("faces.crop", "[0, 1000000000, 0, 9]", "faces.crop: must be [top, bottom, left, right], integers"),
        ("faces.crop", "[0, 9, 0, true]", "faces.crop: must be [top, bottom, left, right], integers"),
        ("faces.crop", "80", "faces.crop: must be [top, bottom, left, right], integers"),
        ("faces.crop", "nose", "faces.crop: must be [top, bottom, left, right], integers"),
        ("faces.crop", "face", "faces: crop is for dataset folder; orl has its own"),
        ("faces.photographs", "hand", "faces.photographs: must be 'face', got 'hand'"),
        ("faces.crop", "[0, 9, 0, 9]", "faces: crop is for dataset folder; orl has its own"),
        ("faces.max_megapixels", "0", "faces.max_megapixels: must be above 0 and at most 178"),
        ("faces.max_megapixels", "179", "faces.max_megapixels: must be above 0 and at most 178"),
        ("faces.unet.loss.pi_emb", "1.5", "faces.unet.loss.pi_emb: must be auto or between 0 and 1, got 1.5"),
        ("faces.unet.loss.distance", "l2", "faces.unet.loss.distance: must be 'combined', 'dssim', "),
        (
            "digits.unet.training.learning_rate",
            "0",
            "digits.unet.training.learning_rate: must be a finite number above 0, got 0",
        ),
        (
            "digits.unet.training.learning_rate",
            ".inf",
            "digits.unet.training.learning_rate: must be a finite number above 0, got inf",
        ),
        ("digits.unet.training.steps", "0", "digits.unet.training.steps: must be an integer from 1 to 1000000, got 0"),
        (
            "faces.keyed.components",
            "1",
            "faces.keyed.components: must be auto or an integer from 2 to 4096, got 1",
        ),
        (
            "digits.keyed.components",
            "all",
            "digits.keyed.components: must be auto or an integer from 2 to 4096, got 'all'",
        ),
        ("digits.unet.loss.pi_emb", "true", "digits.unet.loss.pi_emb: must be auto or between 0 and 1, got True"),
        ("digits.unet.training.jit_compile", "1", "digits.unet.training.jit_compile: must be a valid boolean, got 1"),
        ("digits.triplet.shift", "0.5", "digits.triplet.shift: must be at least 0 and below 0.5, got 0.5"),
        ("digits.triplet.batch_size", "1", "digits.triplet.batch_size: must be an integer from 2 to 512, got 1"),
        (
            "evaluation.mock_system.thresholds",
            "'9'",
            "evaluation.mock_system.thresholds: must be an integer from 2 to 10000",
        ),
        ("alpha_sweep.alphas", "[0.1, 5]", "alpha_sweep.alphas.1: must be between 0 and 4, got 5"),
        ("alpha_sweep.shown", "1", "alpha_sweep.shown: must be a valid string, got 1"),
        (
            "failure_modes.provocations",
            "{x: {alpha: 9, settings: {}}}",
            "failure_modes.provocations.x.alpha: must be between 0 and 4",
        ),
        ("failure_modes.provocations", "{x: {alpha: 0}}", "failure_modes.provocations.x.settings: missing"),
        ("failure_modes.provocations", "{../x: {alpha: 0, settings: {}}}", "failure_modes.provocations.../x"),
        (
            "failure_modes.provocations",
            "{x: {alpha: 0, settings: {training: {steps: 0}}}}",
            "failure_modes.provocations.x.settings.training.steps: must be an integer from 1 to 1000000, got 0",
        ),
        (
            "failure_modes.provocations",
            "{x: {alpha: 0, settings: {loss: {pi: 1}}}}",
            "failure_modes.provocations.x.settings.loss.pi: unknown key",
        ),
        (
            "alpha_sweep.settings",
            "{depth: 3, width: 0}",
            "alpha_sweep.settings.width: must be an integer from 1 to 256",
        ),
        ("alpha_sweep.modalities", "[dogs]", "alpha_sweep.modalities: there is no modality dogs"),
        ("alpha_sweep.generator", "gan", "alpha_sweep.generator: must be 'keyed', 'unet' or 'veiled', got 'gan'"),
        ("generators", "[unet, gan]", "generators.1: must be 'keyed', 'unet' or 'veiled', got 'gan'"),
        ("generators", "[unet, unet]", "generators: unet, unet names one twice"),
        ("generators", "[]", "generators: List should have at least 1 item"),
        ("modalities", "[digits, dogs]", "dogs: missing; faces: unknown key"),
        ("modalities", "[digits, faces, digits]", "modalities: digits, faces, digits names one twice"),
        ("modalities", "[digits, faces, seed]", "modalities: seed is the name of another section"),
        ("modalities", "[digits, faces, ../x]", "modalities.2: String should match pattern"),
        ("modalities", "digits", "modalities: must be a valid list, got 'digits'"),
        ("trained", "[unet]", "trained: must be [unet, veiled] for these generators"),
        ("derived", "[]", "derived: must be [keyed] for these generators"),
        ("alpha_sweep.generator", "keyed", "alpha_sweep.generator: keyed has no training of its own"),
        ("digits.veiled", "-", "digits.veiled: missing"),
        ("faces.veiled", "{noise: 0.3}", "faces.veiled.carrier: missing"),
        ("faces.veiled.noise", "0.5", "faces.veiled.noise: must be between 0 and 0.4, got 0.5"),
        ("faces.veiled.grain", "0", "faces.veiled.grain: must be an integer from 1 to 512, got 0"),
        ("digits.judge.detector", "haar", "digits.judge.detector: must be 'mtcnn', got 'haar'"),
        ("digits.judge.pretrained", "vgg", "digits.judge.pretrained: must be 'dlib' or 'facenet', got 'vgg'"),
        ("recognisability.images", "1", "recognisability.images: must be an integer from 2 to "),
        ("recognisability.enrolled", "[10, 0]", "recognisability.enrolled.1: must be an integer from 1 to "),
        ("generator.alhpa", "0.3", "generator.alhpa: unknown key"),
        ("noise", "{a: 1}", "noise: unknown key"),
        ("generator.alpha", "-", "generator.alpha: missing"),
        ("evaluation", "-", "evaluation: missing"),
        ("digits.triplet", "null", "digits: embedder 'triplet' needs the section triplet"),
        ("digits.unet.depth", "3", "digits: image_size 28 cannot be halved unet.depth = 3 times"),
        ("digits.veiled.grain", "3", "digits: image_size 28 is not a multiple of veiled.grain = 3"),
        ("digits.image_size", "1000000000", "digits.image_size: must be an integer from 8 to 512, got 1000000000"),
        ("digits.image_size", "10000", "digits.image_size: must be an integer from 8 to 512, got 10000"),
        ("faces.unet.width", "1600", "faces.unet.width: must be an integer from 1 to 256, got 1600"),
        (
            "faces.unet",
            json.dumps(CONTENT["faces"]["unet"] | {"width": 128, "depth": 6}),
            "faces.unet: width 128, doubled depth = 6 times, is more than 4096 filters",
        ),
        (
            "digits.veiled.steps",
            "15626",
            "digits.veiled: steps 15626 of batch_size 64 are more than 1000000 embeddings",
        ),
        ("alpha_sweep.alphas", "[]", "alpha_sweep.alphas: List should have at least 1 item after validation, not 0"),
        ("alpha_sweep.alphas", str([0.1] * 101), "alpha_sweep.alphas: List should have at most 100 items"),
        (
            "digits.unet.training.learning_rate",
            "1" + 400 * "0",
            "digits.unet.training.learning_rate: must be a finite number",
        ),
        ("digits.embedder", str(list(range(100))), "digits.embedder: must be 'triplet', 'dlib' or 'facenet', got [0, "),
        ("faces.judge.pretrained", "dlib", "faces: judge.pretrained 'dlib' is the embedder the templates are made for"),
    ],
)
def test_bad_value_is_named_with_its_key(key: str, value: str, expected: str) -> None:
    assert refusal(key, value).startswith(f"params.yaml: {expected}")


def test_file_with_a_bad_value_is_named(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(json.dumps(changed("generator.alpha", "abc")))  # JSON is YAML

    assert message(path) == f"{path}: generator.alpha: must be between 0 and 4, got 'abc'"


def test_provocation_may_not_take_the_name_of_a_generator() -> None:
    """Both are rows of Table 5."""
    sentence = refusal("failure_modes.provocations", "{veiled: {alpha: 0, settings: {}}}")

    assert sentence == "params.yaml: failure_modes.provocations.veiled: is the name of a generator"


def test_every_wrong_key_is_named_at_once() -> None:
    sentences = refusal("generator", "{beta: 0.5, alpha: abc, optimiser: adam}")

    assert sentences.removeprefix("params.yaml: ").split("; ") == [
        "generator.alpha: must be between 0 and 4, got 'abc'",
        "generator.optimizer: missing",
        "generator.optimiser: unknown key",
    ]


@pytest.mark.parametrize(("text", "number"), [("1e-4", 1e-4), ("1.0e-3", 1e-3), ("5E-5", 5e-5), ("1", 1.0)])
def test_scientific_notation_is_a_number(text: str, number: float) -> None:
    loaded = checked(changed("digits.unet.training.learning_rate", text), Path("params.yaml"))

    assert loaded.modality("digits").settings("unet").training.learning_rate == number
    assert isinstance(loaded.modality("digits").settings("unet").training.learning_rate, float)


def test_bounds_themselves_are_accepted() -> None:
    path = Path("params.yaml")
    assert checked(changed("generator.alpha", "4"), path).generator.alpha == 4
    assert checked(changed("seed", "0"), path).seed == 0
    assert checked(changed("digits.triplet.shift", "0"), path).modality("digits").triplet is not None


@pytest.mark.parametrize(("crop", "taken"), [([-4, 196, 65, 185], (-4, 196, 65, 185)), ("face", "face")])
def test_crop_of_a_folder_is_taken(params: Params, crop: object, taken: object) -> None:
    faces = params.modality("faces")
    content = faces.model_dump() | {"dataset": "folder", "crop": crop}

    assert type(faces).model_validate(content).crop == taken


def test_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(COMMITTED.read_text() + "\nseed: 8\n")

    assert "is not valid YAML" in message(path)
    assert "seed" in message(path)


def test_missing_empty_and_broken_file_each_give_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    assert message(path) == f"{path}: cannot be read: No such file or directory"

    path.write_text("")
    assert message(path).startswith(f"{path}: the file: must be")

    path.write_text("seed: [1\n")
    assert message(path).startswith(f"{path}: is not valid YAML")
    assert "\n" not in message(path)

    path.write_bytes(b"seed: \xff\n")
    assert message(path).startswith(f"{path}: is not valid YAML")


def values(section: object, *above: str | int) -> Iterator[tuple[tuple[str | int, ...], object]]:
    """Every value that is no section itself, behind the keys that lead to it."""
    match section:
        case dict():
            for key, value in section.items():
                yield from values(value, *above, key)
        case list():
            for index, value in enumerate(section):
                yield from values(value, *above, index)
        case _:
            yield above, section


def replaced(place: tuple[str | int, ...], value: object) -> dict:
    """The committed parameters with another value."""
    content = copy.deepcopy(CONTENT)
    section = content
    for key in place[:-1]:
        section = section[key]
    section[place[-1]] = value
    return content


PARAMS = with_modalities(["digits", "faces"])
PLACES = dict(values(CONTENT))
OWN = {place: value for place, value in PLACES.items() if "settings" not in place}
"""Without changes to a generator's settings, which are read as its section is."""


def test_no_number_may_be_absurd() -> None:
    """A few more digits must not fill the memory or train for a year; a null may become one, too."""
    numbers = [place for place, value in OWN.items() if type(value) in (int, float) or place[-1] == "steps"]
    assert len(numbers) > 90
    for place in numbers:
        with pytest.raises(ValidationError):
            PARAMS.model_validate(replaced(place, 10**400))
        if place[-1] not in ("seed", "learning_rate", "margin"):
            with pytest.raises(ValidationError):
                PARAMS.model_validate(replaced(place, 10**9))


@settings(max_examples=150)
@given(
    place=st.sampled_from([place for place, value in OWN.items() if type(value) in (int, float)]),
    value=st.booleans() | st.text() | st.sampled_from([math.nan, math.inf, -math.inf, 10**400, -1e-9, {}, [1]]),
)
def test_a_wrong_number_is_told_its_range_wherever_it_stands(place: tuple[str | int, ...], value: object) -> None:
    with pytest.raises(ValidationError) as caught:
        PARAMS.model_validate(replaced(place, value))

    (item,) = (item for item in caught.value.errors() if item["loc"] == place)
    key = re.escape(".".join(map(str, place)))
    range_ = r"(an integer from|between|at least|above|a finite number above) -?[\d.]+( .+)?"
    assert re.fullmatch(rf"{key}: must be {range_}, got {re.escape(shortened(value))}", sentence(item), re.DOTALL)


def reads(path: Path, read: Callable[[Path], Params] = load_params) -> bool:
    """Whether a file reads; if not, it must be one sentence that says so."""
    words = ""
    try:
        assert isinstance(read(path), Params)
    except InputError as error:
        words = error.message
    assert not words or re.fullmatch(f"{re.escape(str(path))}: .+", words)
    return not words


@pytest.mark.slow
def test_any_damage_to_the_text_reads_or_is_a_sentence(tmp_path: Path) -> None:
    """Bytes lost, repeated, swapped or replaced, single ones and runs."""
    rng, path, original = np.random.default_rng(7), tmp_path / "params.yaml", COMMITTED.read_bytes()
    text = "\t|\n| |-|- |? |: |&a |*a|!|!!int |%|#|>|'|\"|{|}|[|]|,|<<: |---|...|1e999|2026-02-30|0x_|\u0085|\ufeff"
    inserted = [b"", b"|", b"\0", b"\xff", b'"\\ud800"', b"[" * 2000, *(part.encode() for part in text.split("|"))]
    count = 0
    for _ in range(200):
        start = int(rng.integers(len(original)))
        end = start + int(rng.choice([0, 1, 2, 30, 3000]))
        middle = original[start:end] * 2 if rng.random() < 0.1 else inserted[rng.integers(len(inserted))]
        path.write_bytes(original[:start] + middle + original[end:])
        count += reads(path)

    assert 40 < count < 160  # neither is the exception: a good part of the file is comments


def test_any_value_anywhere_reads_or_is_a_sentence(tmp_path: Path) -> None:
    """Every kind of value in random places, and each of them once through a file."""
    rng, path, places = np.random.default_rng(7), tmp_path / "params.yaml", list(PLACES)
    nested: object = 0
    for _ in range(15):
        nested = {"a": [nested]} if rng.random() < 0.5 else [nested, nested]
    numbers = [0, 1, -1, 3, 2**31, 2**64, 10**400, 0.5, 1e308, -0.0, float("nan"), float("inf")]
    texts = ["", "1", "abc", "a\nb", "\ud800", "é" * 999, "x" * 2000]
    tried = [*numbers, *texts, True, None, [], {}, [[]], {"": {}}, {"a\nb": 1}, ["a"] * 999, nested]
    count = 0
    for value in tried:
        path.write_text(json.dumps(replaced(places[rng.integers(len(places))], value)))
        reads(path)
    for _ in range(200):
        content = replaced(places[rng.integers(len(places))], tried[rng.integers(len(tried))])
        count += reads(path, partial(checked, content))

    assert 10 < count < 190


def test_parameters_cannot_be_changed_after_loading(params: Params) -> None:
    with pytest.raises(ValueError, match="frozen"):
        params.generator.alpha = 1.0  # type: ignore[misc]  # mypy knows it too
