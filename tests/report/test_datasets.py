import re
from pathlib import Path

import pytest

from masquerade import data
from masquerade.data import lfw, orl
from masquerade.errors import InputError
from masquerade.report.datasets import load_datasets

KNOWN = load_datasets().datasets


def test_every_data_set_is_one_that_can_be_read() -> None:
    with pytest.raises(InputError, match="dataset: must be one of") as caught:
        data.read("unknown", None, 8)

    assert KNOWN.keys() <= set(re.findall(r"\w+", caught.value.message))


def test_crops_are_those_of_the_readers() -> None:
    assert {name: facts.crop for name, facts in KNOWN.items() if facts.crop} == {"orl": orl.CROP, "lfw": lfw.CROP}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ("{}", "datasets.orl.title: missing"),
        ("{title: x, license: {says: free, source: y}}", "datasets.orl.license: unknown key"),
        ("{title: x, licence: {says: free}}", "datasets.orl.licence.source: missing"),
        ("{title: 3}", "datasets.orl.title: must be a valid string, got 3"),
        ("{title: x, crop: [1, 1, 0, 2]}", "datasets.orl.crop: must be [top, bottom, left, right], "),
    ],
)
def test_wrong_key_is_one_sentence_that_names_it(tmp_path: Path, facts: str, expected: str) -> None:
    path = tmp_path / "datasets.yaml"
    path.write_text(f"datasets: {{orl: {facts}}}\n")

    with pytest.raises(InputError) as caught:
        load_datasets(path)

    assert caught.value.message.startswith(f"{path}: {expected}")


def test_missing_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "datasets.yaml"

    with pytest.raises(InputError, match=rf"{path}: cannot be read: No such file or directory"):
        load_datasets(path)
