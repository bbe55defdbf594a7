"""DVC sees the names of files outside the project; the stage outside lets it see their content."""

import json
from pathlib import Path

import pytest
from fixture_types import Run
from parameters import change
from repository import ROOT
from ruamel.yaml import YAML

from masquerade.outside import digest
from masquerade.paths import Paths


def digests(run: Run, project: Path, **changes: object) -> dict[str, dict]:
    """What the stage writes of the digits, by key, with other values in their section."""
    for key, value in changes.items():
        change(project, f"digits.{key}", value)
    assert run("outside", "--modality", "digits").exit_code == 0
    return {path.stem: json.loads(path.read_text()) for path in Paths("digits").outside("source").parent.iterdir()}


def test_content_counts_not_the_name(run: Run, project: Path, tmp_path: Path) -> None:
    source, pairs = tmp_path / "source", tmp_path / "pairs.txt"
    (source / "a").mkdir(parents=True)
    (source / "a" / "1.png").write_bytes(b"one")
    pairs.write_text("1 1")
    before = digests(run, project, source=str(source), pairs=str(pairs))

    (source / "a" / "1.png").write_bytes(b"two")
    after = digests(run, project)

    assert set(before) == {"source", "pairs", "embedder_weights", "unet", "veiled", "keyed"}
    assert list(before["source"]) == list(after["source"]) == [str(source)]
    assert before.pop("source") != after.pop("source")
    assert before == after


def test_what_is_null_or_not_there(run: Run, project: Path, tmp_path: Path) -> None:
    found = digests(run, project, source=None, embedder_weights=str(tmp_path / "absent"))

    assert found["source"] == found["veiled"] == {}  # the carrier is noise
    assert found["embedder_weights"] == {str(tmp_path / "absent"): None}


def test_digest_of_a_file_is_its_sha_256_and_of_a_folder_knows_names(tmp_path: Path) -> None:
    for folder, name in (("x", "a"), ("y", "a"), ("z", "b")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_bytes(b"abc")

    # The first test vector of FIPS 180
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert digest(tmp_path / "x" / "a") == expected
    assert digest(tmp_path / "x") == digest(tmp_path / "y") != digest(tmp_path / "z")


@pytest.mark.parametrize(
    ("stage", "key"),
    [
        ("download", "source"),
        ("folds", "pairs"),
        ("train_embedder", "embedder_weights"),
        ("train_generator", "${item.generator}"),
    ],
)
def test_whatever_reads_a_file_depends_on_its_digest(stage: str, key: str) -> None:
    stages = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]

    assert f"data/outside/${{item.modality}}/{key}.json" in stages[stage]["deps"]
