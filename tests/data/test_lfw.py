from collections.abc import Mapping
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest
from fixture_types import Png, WriteTar, WriteTree

from masquerade.data import lfw
from masquerade.errors import InputError


@pytest.fixture
def files(png: Png) -> dict[str, bytes]:
    """Three images of 250×250 whose red is the row and whose green is the column."""
    row, column = np.indices((250, 250), dtype=np.uint8)
    return {
        f"lfw/{name}_000{number}.png": png(np.stack([row, column, np.full_like(row, number)], axis=-1))
        for name, number in [("Ann_Lee/Ann_Lee", 1), ("Ann_Lee/Ann_Lee", 2), ("Bo_Ek/Bo_Ek", 1)]
    }


@pytest.mark.parametrize("kind", ["tgz", "folder"])
def test_face_is_cropped_16_pixels_below_the_middle(
    tmp_path: Path,
    files: Mapping[str, bytes],
    write_tar: WriteTar,
    write_tree: WriteTree,
    kind: str,
) -> None:
    source = write_tar(tmp_path / "lfw.tgz", files) if kind == "tgz" else write_tree(tmp_path, files)

    faces = lfw.read(source, 120)

    assert faces.names.tolist() == ["Ann_Lee", "Bo_Ek"]
    assert faces.labels.tolist() == faces.subjects.tolist() == [0, 0, 1]
    assert faces.files.tolist() == ["Ann_Lee_0001", "Ann_Lee_0002", "Bo_Ek_0001"]
    # Side 120, centre at row 125 + 16 and column 125.
    np.testing.assert_array_equal(faces.images[0, :, 0, 0], np.arange(141 - 60, 141 + 60))
    np.testing.assert_array_equal(faces.images[0, 0, :, 1], np.arange(125 - 60, 125 + 60))
    assert faces.images[:, 0, 0, 2].tolist() == [1, 2, 1]


def test_without_source_the_download_of_scikit_learn_is_read(
    tmp_path: Path, files: Mapping[str, bytes], write_tree: WriteTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetch(**options: object) -> None:
        assert options["funneled"] is True
        write_tree(tmp_path / "lfw_home" / "lfw_funneled", files)

    monkeypatch.setattr("sklearn.datasets.fetch_lfw_people", fetch)
    monkeypatch.setattr("sklearn.datasets.get_data_home", lambda: str(tmp_path))

    assert len(lfw.read(None, 24)) == 3


def test_failed_download_is_one_sentence_that_names_what_would_work(monkeypatch: pytest.MonkeyPatch) -> None:
    def fetch(**options: object) -> None:
        raise URLError("no route to host")

    monkeypatch.setattr("sklearn.datasets.fetch_lfw_people", fetch)
    with pytest.raises(InputError) as caught:
        lfw.read(None, 24)

    assert "no route to host" in caught.value.message
    assert "; set source to a folder or .tgz of LFW, or dataset=orl" in caught.value.message
    assert "\n" not in caught.value.message
