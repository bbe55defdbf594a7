"""What the log and the metrics say, and what they must not."""

import json
import logging
from base64 import b64encode
from typing import Any

import pytest
from linear_model import LinearModel, people
from service_client import Service

pytest.importorskip("prometheus_client", reason="pip install masquerade[serve]")
pytest.importorskip("python_multipart", reason="pip install masquerade[serve]")

from masquerade.recognition.model import png
from masquerade.service.observe import JsonLines

ADA, BO = people(2)


class Lines(logging.Handler):
    """Keeps the lines of a log as they would be written."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(JsonLines().format(record))


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    handler = Lines()
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [handler])
    for name in ("", "masquerade.service"):
        monkeypatch.setattr(logging.getLogger(name), "level", logging.DEBUG)
    logging.getLogger("masquerade.service").manager._clear_cache()  # type: ignore[attr-defined]
    return handler.lines


def busy(service: Service) -> list[int]:
    """Ask for everything, right and wrong."""
    asked: list[tuple[str, dict[str, Any]]] = [
        ("/enroll", {"subject": "Ada Lovelace", "pictures": [ADA[0]], "show": "true"}),
        ("/crop", {"picture": ADA[0]}),
        ("/verify", {"subject": "Ada Lovelace", "picture": ADA[1], "scores": "true"}),
        ("/verify", {"subject": "Ada Lovelace", "picture": BO[1]}),
        ("/verify", {"subject": "Ada Lovelace", "picture": b"no picture"}),
        ("/verify", {"subject": "Ada\x00Lovelace", "picture": ADA[0]}),
        ("/identify", {"picture": ADA[1]}),
        ("/renew", {"subject": "Ada Lovelace"}),
        ("/revoke", {"subject": "Ada Lovelace"}),
        ("/revoke", {"subject": "Ada Lovelace"}),
        (f"/{service.tokens['admin']}", {}),
    ]
    statuses = [service.post(path, **fields).status for path, fields in asked]
    return [*statuses, service.post("/crop", "mq_wrong", picture=ADA[0]).status]


def test_no_line_has_pictures_templates_tokens_keys_or_names(
    service: Service, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    statuses = busy(service)
    stored = service.gallery.log()["number"].dropna().astype(str).tolist()

    def fault(*_: Any) -> Any:
        raise ValueError(f"{ADA[0].tobytes()!r} {service.tokens['admin']} Ada Lovelace")

    monkeypatch.setattr(LinearModel, "embed", fault)
    broken = service.post("/verify", subject="Ada Lovelace", picture=ADA[0])
    written = "\n".join(lines)

    assert statuses == [200, 200, 200, 200, 400, 400, 200, 200, 200, 400, 404, 401]
    assert (broken.status, broken.json()) == (500, {"detail": "this is a fault of the service; its log has more"})
    secret = service.settings.key.read_bytes() if service.settings.key else b""
    content = [png(ADA[0]), ADA[0].tobytes(), secret]
    assert "ValueError" in written
    assert "test_observe.py:" in written  # where it happened
    forbidden = [*service.tokens.values(), "mq_", "Ada", "Lovelace", "distance", "picture", *stored]
    forbidden += [b64encode(part)[:16].decode() for part in content]
    forbidden += [repr(part)[2:30] for part in content] + [part.hex()[:16] for part in content]
    assert [text for text in forbidden if text in written] == []


def test_a_request_is_one_line_of_json(service: Service, lines: list[str]) -> None:
    busy(service)
    found = [line for line in map(json.loads, lines) if line["event"] == "request"]

    assert len(found) == 12
    assert found[0].keys() == {"at", "level", "event", "request", "route", "status", "seconds", "token"}
    assert (found[0]["route"], found[0]["status"], found[0]["token"]) == ("/enroll", 200, "the admin")
    assert (found[-2]["route"], found[-2]["token"]) == ("none", None)
    assert len({line["request"] for line in found}) == 12


def test_metrics_count_requests_and_decisions_and_name_nobody(service: Service) -> None:
    busy(service)
    for role in ("enroller", "verifier", "admin"):
        assert service.get("/metrics", role).status == 200
    assert service.get("/metrics").status == 401
    text = service.get("/metrics", "admin").body.decode()

    assert 'masquerade_requests_total{route="/verify",status="200"} 2.0' in text
    assert 'masquerade_requests_total{route="/verify",status="400"} 2.0' in text
    assert 'masquerade_requests_total{route="none",status="404"} 1.0' in text
    assert 'masquerade_decisions_total{action="verify",outcome="match"} 1.0' in text
    assert 'masquerade_decisions_total{action="verify",outcome="no match"} 1.0' in text
    assert "masquerade_requests_running 1.0" in text  # this one
    assert [word for word in ("Ada", "the admin", "mq_") if word in text] == []


def test_methods_and_paths_that_somebody_invents_do_not_fill_the_memory(service: Service) -> None:
    for number in range(50):
        service.ask(f"M{number}", f"/{number}")

    assert service.get("/metrics", "admin").body.count(b"masquerade_requests_total{") == 1


def test_every_answer_forbids_what_comes_from_elsewhere(service: Service) -> None:
    for path in ("/", "/docs", "/page.js", "/page.css", "/openapi.json", "/health", "/nowhere", "/metrics"):
        headers = service.get(path).headers

        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; ")
        assert "unsafe" not in policy
        assert "http" not in policy
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


def test_the_pages_load_nothing_from_elsewhere(service: Service) -> None:
    for path in ("/", "/docs", "/page.js", "/page.css"):
        body = service.get(path).body

        assert len(body) > 1000
        assert b"http://" not in body
        assert b"https://" not in body
        assert b"style=" not in body
    names = [f"{method.upper()} {path}" for path, parts in service.app.openapi()["paths"].items() for method in parts]
    documentation = service.get("/docs").body.decode()
    assert len(names) == 8
    assert [name for name in names if f"<code>{name}</code>" not in documentation] == []
