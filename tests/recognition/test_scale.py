"""Large galleries in small: built from vectors, opened, searched exactly and approximately."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from masquerade.errors import InputError
from masquerade.evaluation.identification import recall
from masquerade.evaluation.matcher import Matcher
from masquerade.recognition.ann import ApproximateIndex
from masquerade.recognition.scale import main


def unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture
def vectors(tmp_path: Path, rng: np.random.Generator) -> Path:
    """Vectors of 250 people with three images each."""
    faces = np.repeat(rng.normal(size=(250, 24)), 3, axis=0)
    names = np.repeat([f"person {number:03}" for number in range(250)], 3)
    np.savez(tmp_path / "vectors.npz", subjects=names, vectors=unit(faces + 0.2 * rng.normal(size=faces.shape)))
    return tmp_path / "vectors.npz"


@pytest.mark.parametrize("scope", ["record", "system"])
def test_real_people_are_found_among_synthetic_ones(vectors: Path, tmp_path: Path, scope: str) -> None:
    common = [str(vectors), "--gallery", str(tmp_path / "gallery.db"), "--scope", scope]
    built = CliRunner().invoke(main, ["build", *common, "--records", "600"])
    assert built.output == "600 records, 475 of them synthetic\n"

    measured = CliRunner().invoke(main, ["measure", *common])
    assert measured.exit_code == 0, measured.output
    result = json.loads(measured.stdout)

    assert (result["records"], result["synthetic"]) == (600, 475)
    assert result["tpir_at_fpir"]["0.01"]["tpir"] > 0.95
    assert "cannot be told from 125 strangers" in result["tpir_at_fpir"]["0.001"]["refused"]
    assert result["start_up_seconds"] > 0 < result["probe_ms_median"]
    again = CliRunner().invoke(main, ["build", *common])
    assert (again.exit_code, "is not empty" in again.output) == (1, True)


def test_a_file_without_vectors_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "other.npz").write_bytes(b"PK")
    result = CliRunner().invoke(main, ["build", str(tmp_path / "other.npz"), "--gallery", str(tmp_path / "g.db")])

    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert "other.npz: is not a file of `masquerade embed`" in result.output
    assert not (tmp_path / "g.db").exists()


def test_an_approximate_index_finds_nearly_all_that_the_exact_one_finds(rng: np.random.Generator) -> None:
    pytest.importorskip("faiss", reason="pip install masquerade[ann]")
    stored = unit(rng.normal(size=(4000, 16)))
    probes = unit(stored[:50] + 0.1 * rng.normal(size=(50, 16)))
    exact = Matcher(4.0)
    exact.enroll_all(range(4000), stored)
    rows, distances = exact.nearest_rows(probes, 5)

    some = ApproximateIndex(exact.blocks(), cells=32, visited=4)
    found, its = some.nearest_rows(probes, 5)
    everything, _ = ApproximateIndex(exact.blocks(), cells=32, visited=32).nearest_rows(probes, 5)

    assert (found[:, 0] == rows[:, 0]).mean() > 0.9
    np.testing.assert_allclose(its[:, 0].min(), distances[:, 0].min(), atol=1e-3)
    assert 0.4 < recall(rows, found) < recall(rows, everything)
    assert recall(rows, everything) > 0.98  # numbers are rounded to 16 bits
    with pytest.raises(InputError, match="4000 vectors are too few for an index of 5000 cells: search exactly"):
        ApproximateIndex(exact.blocks(), cells=5000)


def test_without_faiss_it_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faiss", None)

    with pytest.raises(InputError, match=r"^an approximate search needs FAISS: pip install masquerade\[ann\]$"):
        ApproximateIndex([np.ones((5, 2), np.float32)], cells=1)
