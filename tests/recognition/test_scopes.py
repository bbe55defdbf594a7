"""What is compared in memory gives the distances to unlocked vectors, whoever locks or unlocks."""

from pathlib import Path

import numpy as np
import pytest
from linear_model import LinearModel, people

from masquerade.evaluation.pairs import squared_distances
from masquerade.gallery.store import Gallery
from masquerade.keys import Keyring, Record, public_key
from masquerade.lock import Components, Lock
from masquerade.recognition import scopes, system
from masquerade.recognition.scopes import KeyForEachRecord, OneKey, Scope
from masquerade.recognition.system import RecognitionSystem

KEY = public_key(1)


def unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("kind", [KeyForEachRecord, OneKey])
def test_distances_are_those_to_unlocked_vectors(
    kind: type[Scope], rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scopes, "TOGETHER", 7)
    spread = rng.normal(size=(200, 16)) * np.geomspace(1, 0.05, 16)
    scope = kind("door", Components.fit(spread, 9, 0.5))
    records = [scope.record(f"person {number}", number) for number in range(30)]
    probes, stored = unit(spread[:20]), unit(rng.normal(size=(30, 16)))

    found = 2 - 2 * scope.probes(probes, KEY) @ scope.enrolled(records, stored, KEY).T

    unlocked = Lock(scope.components, Keyring(KEY, records)).unlock(stored)
    np.testing.assert_allclose(found, squared_distances(probes, unlocked), atol=1e-5)


def test_one_key_leaves_the_gallery_locked(rng: np.random.Generator) -> None:
    vectors = unit(rng.normal(size=(30, 12)))
    scope = OneKey("door", Components(np.eye(12), np.ones(12)))
    locked = Lock(scope.components, Keyring(KEY, [Record("door")] * 30)).lock(vectors)

    held = unit(scope.enrolled([Record("door")] * 30, locked, KEY))

    np.testing.assert_allclose(held, locked, atol=1e-6)
    assert np.abs((held * vectors).sum(axis=1)).mean() < 0.5


def test_the_system_with_one_key_identifies(tmp_path: Path) -> None:
    faces = people(12)
    system = RecognitionSystem("door", LinearModel(), KEY, Gallery(str(tmp_path / "gallery.db")), scope="system")
    for number, face in enumerate(faces[:11, 0]):
        system.enroll(f"person {number}", face[None], "me")

    for number, probe in enumerate(faces[:, 1]):
        best = system.identify(probe, "me", count=3)[0]
        assert best.matched is (number < 11)
        assert not best.matched or best.subject == f"person {number}"
        decision = system.verify(best.subject, probe, "me")
        assert best.distance == pytest.approx(decision.distance, abs=1e-5)


def test_after_many_changes_the_gallery_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "MANY", 2)
    faces = people(8)
    door = RecognitionSystem("door", LinearModel(), KEY, Gallery(str(tmp_path / "gallery.db")))
    for number in range(4):
        door.enroll(f"person {number}", faces[number, :1], "me")
    door.refresh()
    for number in range(4, 8):
        door.enroll(f"person {number}", faces[number, :1], "me")
    door.revoke("person 0", "me")

    names = {candidate.subject for candidate in door.identify(faces[5, 1], "me", count=20)}

    assert names == {f"person {number}" for number in range(1, 8)}
    assert door.identify(faces[5, 1], "me")[0].subject == "person 5"
