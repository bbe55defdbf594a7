"""What people ask of a recognition system, with a gallery in SQLite."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from linear_model import LinearModel, people

from masquerade.errors import InputError
from masquerade.gallery.store import Gallery
from masquerade.keys import MasterKey, public_key
from masquerade.recognition.system import RecognitionSystem

FACES = people(12)
ENROLLED, PROBES = FACES[:, 0], FACES[:, 1]
ADA, BO, CY = range(3)


@pytest.fixture
def address(tmp_path: Path) -> str:
    return str(tmp_path / "gallery.db")


def opened(address: str, key: MasterKey | None = None, **changes: object) -> RecognitionSystem:
    model = LinearModel()
    return RecognitionSystem("front door", replace(model, **changes), key or public_key(1), Gallery(address))


@pytest.fixture
def system(address: str) -> RecognitionSystem:
    """Ada, Bo and nine others are enrolled; the last one is not."""
    system = opened(address)
    for number, face in enumerate(ENROLLED[:11]):
        system.enroll(f"person {number}", face[None], "me")
    return system


def test_a_probe_matches_the_person_it_claims_to_be(system: RecognitionSystem) -> None:
    decision = system.verify("person 0", PROBES[ADA], "me")

    assert decision.matched
    assert decision.distance < 0.1 < decision.threshold == 0.4  # of FMR 0.1 %
    assert not system.verify("person 1", PROBES[ADA], "me").matched
    assert system.gallery.log()[["action", "subject", "outcome"]].tail(2).to_numpy().tolist() == [
        ["verify", "person 0", "match"],
        ["verify", "person 1", "no match"],
    ]


def test_somebody_unknown_is_rejected_like_an_impostor(system: RecognitionSystem) -> None:
    decision = system.verify("nobody", PROBES[ADA], "me")

    assert not decision.matched
    assert 0 <= decision.distance <= 4


def test_identification_names_the_nearest_first(system: RecognitionSystem) -> None:
    found = system.identify(PROBES[BO], "me", count=3)

    assert [candidate.matched for candidate in found] == [True, False, False]
    assert found[0].subject == "person 1"
    assert found[0].distance < found[1].distance <= found[2].distance
    assert len({candidate.subject for candidate in found}) == 3
    assert not any(candidate.matched for candidate in system.identify(PROBES[11], "me"))  # is not enrolled


def test_what_another_process_changes_is_seen(system: RecognitionSystem, address: str) -> None:
    assert not system.identify(PROBES[11], "me")[0].matched
    other = opened(address)
    other.enroll("person 11", ENROLLED[11][None], "me")
    other.revoke("person 1", "me")

    assert system.identify(PROBES[11], "me")[0].subject == "person 11"
    assert "person 1" not in {candidate.subject for candidate in system.identify(PROBES[BO], "me", count=20)}


def test_a_revoked_person_is_rejected(system: RecognitionSystem) -> None:
    assert system.revoke("person 0", "me") == 1

    assert not system.verify("person 0", PROBES[ADA], "me").matched


def test_renewal_keeps_the_person_and_changes_the_template(system: RecognitionSystem) -> None:
    before = system.gallery.image("person 0")
    (old,) = system.gallery.enrolled("person 0")
    assert system.renew("person 0", "me") == 1

    (new,) = system.gallery.enrolled("person 0")
    assert new.number != old.number
    assert system.gallery.image("person 0") != before
    assert abs(float(new.vector @ old.vector)) < 0.9  # as two random directions
    assert system.verify("person 0", PROBES[ADA], "me").matched
    with pytest.raises(InputError, match=r"^subject nobody: has no enrolled template$"):
        system.renew("nobody", "me")


def test_two_templates_of_one_image_look_unrelated(system: RecognitionSystem) -> None:
    system.enroll("twin", np.repeat(ENROLLED[ADA][None], 100, axis=0), "me")
    vectors = np.stack([record.vector for record in system.gallery.enrolled("twin")])
    cosines = (vectors @ vectors.T)[np.triu_indices(100, 1)]

    assert abs(cosines.mean()) < 0.02  # 4,950 cosines of random directions in 12 dimensions: 0.289 / √4950 = 0.004
    assert cosines.std() == pytest.approx(1 / np.sqrt(12), rel=0.1)


def test_all_records_move_to_another_key(system: RecognitionSystem, address: str) -> None:
    new = public_key(2)
    moving = system.rotate(new, "me")
    assert [next(moving) for _ in range(4)] == [1, 2, 3, 4]  # and then it is interrupted

    assert list(opened(address).rotate(new, "me")) == list(range(1, 8))
    moved = opened(address, new)
    assert all(moved.verify(f"person {number}", PROBES[number], "me").matched for number in range(11))
    assert set(moved.gallery.summary()["enrolled"]) == {1}
    with pytest.raises(InputError, match=rf"was made with key {new.epoch}, and this is key {public_key(1).epoch}$"):
        opened(address).verify("person 0", PROBES[ADA], "me")


def test_another_model_is_an_error_not_a_rejection(system: RecognitionSystem, address: str) -> None:
    with pytest.raises(
        InputError, match=r"^record \d+ of person 0: was made with model dddddddddddd, and this is model eeeeeeeeeeee$"
    ):
        opened(address, digest="e" * 64).verify("person 0", PROBES[ADA], "me")


def test_one_key_for_all_is_possible(address: str) -> None:
    system = RecognitionSystem("door", LinearModel(), public_key(1), Gallery(address), scope="system")
    system.enroll("Ada", FACES[ADA], "me")
    first, second = system.gallery.enrolled("Ada")

    assert float(first.vector @ second.vector) > 0.9  # they can be linked
    assert system.verify("Ada", PROBES[ADA], "me").matched


def test_another_system_has_other_keys(system: RecognitionSystem, address: str) -> None:
    other = RecognitionSystem("back door", LinearModel(), public_key(1), Gallery(address))

    assert not other.verify("person 0", PROBES[ADA], "me").matched


def test_neither_images_nor_embeddings_are_in_the_database(system: RecognitionSystem, address: str) -> None:
    system.verify("person 0", PROBES[ADA], "me")
    system.identify(PROBES[BO], "me")
    system.gallery.database.engine.dispose()
    content = b"".join(path.read_bytes() for path in Path(address).parent.glob("gallery.db*"))
    faces = [face.tobytes() for face in FACES.reshape(-1, 64)]
    vectors = system.model.embed(FACES.reshape(-1, 8, 8, 1))
    stored = system.gallery.enrolled("person 0")[0].vector.tobytes()

    assert stored in content  # looked for like this, what is there is found
    for secret in [*faces, *(row.astype(kind).tobytes() for row in vectors for kind in ("f2", "f4", "f8"))]:
        assert secret[:16] not in content


def test_an_fmr_that_cannot_be_told_is_refused(address: str) -> None:
    with pytest.raises(
        InputError,
        match=r"^a false match rate of 0\.0001 cannot be told from 1000 impostor comparisons: 0\.001 is the least$",
    ):
        RecognitionSystem("door", LinearModel(), public_key(1), Gallery(address), fmr=1e-4)
    with pytest.raises(InputError, match=r"^a false match rate lies between 0 and 1, and 2 does not$"):
        RecognitionSystem("door", LinearModel(), public_key(1), Gallery(address), fmr=2)
    assert RecognitionSystem("door", LinearModel(), public_key(1), Gallery(address), fmr=0.05).threshold == 0.6


def test_all_are_renewed_and_an_interruption_renews_nobody_twice(system: RecognitionSystem, address: str) -> None:
    def numbers() -> list[int]:
        return [record.number for each in system.gallery.all_enrolled() for record in each]

    before = numbers()
    renewing = system.renew_all("me")
    assert [next(renewing) for _ in range(4)] == [1, 2, 3, 4]  # and then it is interrupted
    system.enroll("late", ENROLLED[11][None], "me")
    first = set(numbers()) - set(before)

    assert list(opened(address).renew_all("me")) == list(range(1, 8))
    assert not set(numbers()) & set(before)
    assert first < set(numbers())  # the first four, and who came meanwhile
    assert list(opened(address).renew_all("me")) == list(range(1, 13))  # it was done, and this is another one
    assert all(system.verify(f"person {number}", PROBES[number], "me").matched for number in range(11))


def test_a_template_that_is_revoked_during_a_rotation_is_left_out(system: RecognitionSystem) -> None:
    moving = system.rotate(public_key(2), "me")
    next(moving)  # the others are already in memory
    system.revoke("person 5", "me")

    assert len(list(moving)) == 9
    assert system.gallery.enrolled("person 5") == []


def test_nobody_is_enrolled_with_another_key_or_model(system: RecognitionSystem, address: str) -> None:
    with pytest.raises(InputError, match=rf"was made with key {public_key(1).epoch}, and this is key "):
        opened(address, public_key(2)).enroll("Ada", FACES[ADA], "me")
    with pytest.raises(InputError, match=r"was made with model dddddddddddd, and this is model eeeeeeeeeeee$"):
        opened(address, digest="e" * 64).enroll("Ada", FACES[ADA], "me")
    assert system.gallery.enrolled("Ada") == []


def test_a_name_is_the_same_however_it_is_typed(system: RecognitionSystem) -> None:
    system.enroll("Zoë", ENROLLED[11][None], "me")
    typed = "Zoe\u0308"

    assert system.renew(typed, "me") == 1
    assert system.verify(typed, PROBES[11], "me").matched
