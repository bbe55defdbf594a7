"""What the requests do, for whom, and that nobody learns who is enrolled."""

from base64 import b64decode
from collections import Counter
from typing import Any

import numpy as np
import pytest
from linear_model import people
from service_client import Answer, OpenService, Service
from sqlalchemy import event

pytest.importorskip("prometheus_client", reason="pip install masquerade[serve]")
pytest.importorskip("python_multipart", reason="pip install masquerade[serve]")

from masquerade.keys import MasterKey, public_key
from masquerade.recognisability.features import gradients
from masquerade.recognition.model import pixels, png
from masquerade.recognition.system import RecognitionSystem

FACES = people(4)
ADA, BO = FACES[0], FACES[1]

ASKED: dict[str, dict[str, Any]] = {
    "/enroll": {"subject": "Cy", "pictures": [FACES[2][0]]},
    "/crop": {"picture": ADA[0]},
    "/revoke": {"subject": "Ada"},
    "/renew": {"subject": "Ada"},
    "/verify": {"subject": "Ada", "picture": ADA[1]},
    "/identify": {"picture": ADA[1]},
}
ALLOWED = {
    "enroller": {"/enroll", "/crop", "/revoke", "/renew"},
    "verifier": {"/verify", "/identify"},
    "both": set(ASKED),
    "admin": set(ASKED),
}


def enrolled(service: Service) -> Service:
    for name, face in (("Ada", ADA), ("Bo", BO)):
        assert service.post("/enroll", subject=name, pictures=[face[0]]).json() == {"enrolled": 1}
    return service


def test_each_role_may_do_its_part(service: Service) -> None:
    for role, allowed in ALLOWED.items():
        for path, fields in ASKED.items():
            enrolled(service)
            answer = service.post(path, role, **fields)

            needed = "verifier" if path in ALLOWED["verifier"] else "enroller"
            assert answer.status == (200 if path in allowed else 403), (role, path)
            if answer.status == 403:
                assert answer.json() == {"detail": f"this needs a token of the role {needed}"}


def test_nobody_does_anything_without_a_token(service: Service) -> None:
    before = enrolled(service).gallery.log()
    answers = [
        service.post(path, token, **fields) for path, fields in ASKED.items() for token in (None, "", "mq_" + 43 * "a")
    ]
    answers += [
        service.ask("POST", "/revoke", [(b"authorization", value)])
        for value in (b"Basic " + service.tokens["admin"].encode(), service.tokens["admin"].encode(), b"\xff \xff")
    ]

    assert {answer.status for answer in answers} == {401}
    assert {answer.headers["www-authenticate"] for answer in answers} == {"Bearer"}
    assert service.gallery.log().equals(before)


def test_somebody_enrols_logs_in_and_is_revoked(service: Service) -> None:
    enrolled(service)

    assert service.post("/verify", "verifier", subject="Ada", picture=ADA[1]).json() == {"matched": True}
    assert service.post("/verify", "verifier", subject="Ada", picture=BO[1]).json() == {"matched": False}
    assert service.post("/renew", "enroller", subject="Ada").json() == {"templates": 1}
    assert service.post("/verify", "verifier", subject="Ada", picture=ADA[1]).json() == {"matched": True}
    assert service.post("/revoke", "enroller", subject="Ada").json() == {"templates": 1}
    assert service.post("/verify", "verifier", subject="Ada", picture=ADA[1]).json() == {"matched": False}
    log = service.gallery.log()
    assert log["action"].tolist() == [
        "enroll",
        "enroll",
        "verify",
        "verify",
        "revoke",
        "renew",
        "verify",
        "revoke",
        "verify",
    ]
    assert log["actor"].tolist()[2:5] == ["the verifier", "the verifier", "the enroller"]


def test_identification_names_those_who_match_alone(service: Service) -> None:
    enrolled(service)

    assert service.post("/identify", "verifier", picture=BO[1]).json() == {
        "people": [{"subject": "Bo", "matched": True}]
    }
    assert service.post("/identify", "verifier", picture=FACES[3][0]).json() == {"people": []}
    found = service.post("/identify", picture=BO[1], scores="true", count="2").json()["people"]
    assert [(person["subject"], person["matched"]) for person in found] == [("Bo", True), ("Ada", False)]
    assert found[0]["distance"] < 0.4 < found[1]["distance"]


def test_scores_are_for_admins_who_ask(service: Service) -> None:
    enrolled(service)
    asked = {"subject": "Ada", "picture": ADA[1], "scores": "true"}

    answer = service.post("/verify", **asked).json()
    assert answer["matched"] is True
    assert 0 < answer["distance"] < 0.2 < answer["threshold"] == 0.4
    assert service.post("/verify", subject="Ada", picture=ADA[1]).json() == {"matched": True}
    for path in ("/verify", "/identify"):
        refused = service.post(path, "both", **asked)
        assert (refused.status, refused.json()["detail"][:34]) == (403, "only an admin may ask for scores: ")
    assert len(service.gallery.log()) == 4  # of a request that was refused nothing was compared


def test_enrolment_shows_what_was_seen_and_stored(open_service: OpenService) -> None:
    service = enrolled(open_service(judge=gradients))
    seen = service.post("/crop", "enroller", picture=ADA[0])
    (first, second) = service.post("/enroll", subject="Cy", pictures=[ADA[0], ADA[1]], show="true").json()["shown"]

    assert seen.headers["content-type"] == "image/png"
    assert b64decode(first["crop"]) == seen.body
    assert np.array_equal(pixels([seen.body])[0], ADA[0])
    assert b64decode(second["crop"]) == png(ADA[1])
    assert b64decode(second["template"]) == service.gallery.image("Cy")
    assert first["template"] != second["template"]
    assert first["of"] == 3  # Ada's, Bo's, and this one
    assert 1 <= first["place"] <= 3


def test_a_judge_finds_a_template_that_shows_the_picture() -> None:
    from masquerade.service.judge import opinion

    others = people(20, images=1, seed=3)[1:, 0]
    negative = (255 - ADA[0])[None]  # one of its views shows the picture

    assert opinion(gradients, np.concatenate([negative, others]), ADA[0]) == (1, 20)
    assert opinion(gradients, np.concatenate([others[:1], negative, others[1:]]), ADA[0]).place > 1


def test_a_judge_puts_locked_templates_anywhere(service: Service) -> None:
    from masquerade.service.judge import opinion

    service.post("/enroll", subject="Ada", pictures=[ADA[0]] * 20)
    stored = pixels(service.gallery.images("Ada", [record.number for record in service.gallery.enrolled("Ada")]))
    places = [opinion(gradients, np.roll(stored, turn, axis=0), ADA[0]).place for turn in range(20)]

    assert sorted(places) == list(range(1, 21))


def test_pictures_of_one_enrolment_are_all_stored_or_none(service: Service) -> None:
    answer = service.post("/enroll", subject="Ada", pictures=[ADA[0], b"no picture"])

    assert answer.status == 400
    assert answer.json() == {"detail": "picture 2: is not a readable image: it is of no known format"}
    assert len(service.gallery.log()) == 0
    assert service.post("/enroll", subject="Ada", pictures=[ADA[0]] * 21).status == 422


def without_number(answer: Answer) -> Answer:
    return answer._replace(headers={k: v for k, v in answer.headers.items() if k != "x-request-id"})


@pytest.mark.parametrize("was", ["never", "revoked"])
def test_somebody_unknown_is_answered_byte_for_byte_like_an_impostor(service: Service, was: str) -> None:
    enrolled(service)
    if was == "revoked":
        service.post("/enroll", subject="Eve", pictures=[FACES[2][0]])
        service.post("/revoke", subject="Eve")
    impostor = service.post("/verify", "verifier", subject="Ada", picture=BO[1])
    unknown = service.post("/verify", "verifier", subject="Eve", picture=BO[1])

    assert without_number(unknown) == without_number(impostor)
    assert impostor.json() == {"matched": False}


def test_somebody_unknown_costs_the_same_work(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    enrolled(service)
    work: Counter[str] = Counter()

    def counted(owner: Any, name: str) -> None:
        original = getattr(owner, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            work[name] += 1
            return original(*args, **kwargs)

        monkeypatch.setattr(owner, name, call)

    counted(type(service.model), "embed")
    counted(type(service.model), "read")
    counted(MasterKey, "rotation")
    counted(RecognitionSystem, "_lock")
    event.listen(
        service.gallery.database.engine,
        "before_cursor_execute",
        lambda *args: work.update([f"{args[2]} {len(args[3])}"]),
    )
    spent = []
    for name in ("Ada", "Eve"):
        work.clear()
        service.post("/verify", "verifier", subject=name, picture=BO[1])
        spent.append(dict(work))

    assert spent[0] == spent[1]
    assert spent[0]["rotation"] == spent[0]["embed"] == 1
    assert sum("INSERT INTO audit" in statement for statement in spent[0]) == 1


def test_a_subject_is_locked_after_rejections_whether_it_exists_or_not(open_service: OpenService) -> None:
    service = enrolled(open_service(failures=3))
    for name in ("Ada", "Eve"):
        answers = [service.post("/verify", "verifier", subject=name, picture=BO[1]) for _ in range(5)]

        assert [answer.status for answer in answers] == [200, 200, 200, 429, 429]
        assert answers[-1].json()["detail"].startswith("too many rejections of this subject: try again in ")
        assert 890 < int(answers[-1].headers["retry-after"]) <= 900
    # Neither the right picture nor another token opens it, and others are not locked.
    assert service.post("/verify", "admin", subject="Ada", picture=ADA[1]).status == 429
    assert service.post("/verify", "verifier", subject="Bo", picture=BO[1]).json() == {"matched": True}
    assert service.gallery.log()["action"].tolist().count("verify") == 7


def test_one_name_in_two_spellings_is_one_subject(open_service: OpenService) -> None:
    service = open_service(failures=2)
    answers = [service.post("/verify", subject=name, picture=BO[1]) for name in ("Zo\u00e9", "Zoe\u0301", "Zo\u00e9")]

    assert [answer.status for answer in answers] == [200, 200, 429]


def test_success_and_unreadable_pictures_do_not_lock(open_service: OpenService) -> None:
    service = enrolled(open_service(failures=2))
    for _ in range(5):
        assert service.post("/verify", subject="Ada", picture=ADA[1]).json() == {"matched": True}
        assert service.post("/verify", subject="Ada", picture=b"no picture").status == 400

    assert service.post("/verify", subject="Ada", picture=BO[1]).status == 200


def test_a_moved_clock_unlocks_nobody(open_service: OpenService, monkeypatch: pytest.MonkeyPatch) -> None:
    service = enrolled(open_service(failures=1, rate=6, subject_rate=5))
    service.post("/verify", subject="Ada", picture=BO[1])
    monkeypatch.setattr("time.time", lambda: 4e9)

    assert service.post("/verify", subject="Ada", picture=ADA[1]).status == 429


@pytest.mark.parametrize(
    ("limit", "path", "reason"),
    [
        ("rate", "/crop", "too many requests with this token"),
        ("rate", "/nobody", "Not Found"),
        ("subject_rate", "/verify", "too many verifications of this subject"),
        ("identify_rate", "/identify", "too many identifications with this token"),
    ],
)
def test_what_is_asked_too_often_is_refused(open_service: OpenService, limit: str, path: str, reason: str) -> None:
    service = open_service(**{limit: 3})
    fields = ASKED.get(path, {})
    statuses = [service.post(path, **fields).status for _ in range(3)]
    answer = service.post(path, **fields)

    assert statuses == [404] * 3 if path == "/nobody" else [200] * 3
    assert answer.json()["detail"].partition(":")[0] == reason
    if answer.status == 429:
        assert 1 <= int(answer.headers["retry-after"]) <= 20
        other = service.post(path, "both", **fields | {"subject": "Bo"})
        assert other.status == 200  # another token and subject have a rate of their own


def test_another_key_is_a_mistake_of_the_operator_not_a_rejection(service: Service) -> None:
    enrolled(service)
    service.app.state.system.key = public_key(5)
    answer = service.post("/verify", "verifier", subject="Ada", picture=ADA[1])

    assert answer.status == 400
    assert "was made with key" in answer.json()["detail"]


def test_what_is_missing_is_named_and_nothing_is_repeated(service: Service) -> None:
    missing = service.post("/verify", subject="Ada")
    wrong = service.post("/identify", picture=ADA[1], count="<script>")

    assert (missing.status, missing.json()) == (422, {"detail": "picture: Field required"})
    assert (wrong.status, b"script" in wrong.body) == (422, False)
    assert service.post("/revoke", subject="nobody").json() == {"detail": "subject nobody: has no enrolled template"}
    assert service.get("/verify", "admin").status == 405
    assert service.get("/health").json() == {"status": "ok"}
