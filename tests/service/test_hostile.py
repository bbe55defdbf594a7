"""Requests by somebody who means harm."""

import asyncio
import io
import random
import struct
import tempfile
import time
import zlib
from typing import Any

import numpy as np
import pytest
from linear_model import people
from PIL import Image
from service_client import Form, OpenService, Service

pytest.importorskip("prometheus_client", reason="pip install masquerade[serve]")
pytest.importorskip("python_multipart", reason="pip install masquerade[serve]")

from masquerade.gallery.store import Gallery
from masquerade.recognition.model import png
from masquerade.service.tokens import create_token, revoke_token

ADA, BO = people(2)
PATHS = ["/enroll", "/crop", "/verify", "/identify", "/revoke", "/renew", "/health", "/metrics", "/", "/docs"]


def typed(service: Service, kind: str, token: str = "admin") -> list[tuple[bytes, bytes]]:
    return [*service.bearer(token), (b"content-type", kind.encode())]


def test_a_large_request_is_refused_before_it_is_read(open_service: OpenService) -> None:
    service = open_service(max_bytes=100_000)
    read = 0

    class Counting(list):
        def __getitem__(self, index: Any) -> Any:
            nonlocal read
            read += 1
            return super().__getitem__(index)

    headers = typed(service, "multipart/form-data; boundary=x")
    declared = service.ask("POST", "/enroll", [*headers, (b"content-length", b"100001")], Counting([b"x"]))
    assert (declared.status, declared.json()) == (413, {"detail": "the request has more than 100000 bytes"})

    # Chunked: its size is not known before it is there
    form = Form.of({"subject": "Ada", "pictures": bytes(1_000_000)})
    pieces = [form.body[start : start + 10_000] for start in range(0, len(form.body), 10_000)]
    arrived = []

    def counted() -> Any:
        for piece in pieces:
            arrived.append(piece)
            yield piece

    async def ask() -> int:
        statuses: list[int] = []
        stream = counted()

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": next(stream), "more_body": True}

        async def send(message: dict[str, Any]) -> None:
            statuses.append(message.get("status", 0))

        scope = {"type": "http", "method": "POST", "path": "/enroll", "query_string": b"", "http_version": "1.1"}
        await service.app(scope | {"headers": typed(service, form.kind)}, receive, send)
        return statuses[0]

    assert service.loop.run_until_complete(ask()) == 413
    assert len(arrived) == 11  # of 100
    assert service.ask("POST", "/enroll", [*headers, (b"content-length", b"9" * 5000)]).status == 413
    assert service.post("/enroll", subject="Ada", pictures=[ADA[0]]).status == 200


def test_a_request_without_a_token_is_not_read_at_all(service: Service) -> None:
    async def ask() -> int:
        statuses: list[int] = []

        async def receive() -> dict[str, Any]:
            raise AssertionError("its body was read")

        async def send(message: dict[str, Any]) -> None:
            statuses.append(message.get("status", 0))

        scope = {"type": "http", "method": "POST", "path": "/enroll", "query_string": b"", "http_version": "1.1"}
        await service.app(scope | {"headers": [(b"content-type", b"multipart/form-data; boundary=x")]}, receive, send)
        return statuses[0]

    assert service.loop.run_until_complete(ask()) == 401


def test_forms_without_a_picture_are_small(service: Service) -> None:
    fields = b"&".join([b"a"] * 40_000)

    assert service.ask("POST", "/revoke", typed(service, "application/x-www-form-urlencoded"), fields).status == 413


def test_a_slow_request_is_ended(open_service: OpenService) -> None:
    service = open_service(max_seconds=0.05)
    arrived = asyncio.Event()
    sent: list[dict[str, Any]] = []

    async def ask() -> None:
        async def receive() -> dict[str, Any]:
            await arrived.wait()  # never does
            return {}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": "/crop", "query_string": b"", "http_version": "1.1"}
        await service.app(scope | {"headers": typed(service, "multipart/form-data; boundary=x")}, receive, send)

    service.loop.run_until_complete(ask())
    assert sent[0]["status"] == 408
    assert sent[1]["body"] == b'{"detail":"the request took more than 0.05 s to arrive"}'


def test_pictures_are_never_written_to_the_disk(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise AssertionError("a picture would be on the disk")

    monkeypatch.setattr(tempfile, "_TemporaryFileWrapper", refuse)
    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)  # what a spooled file becomes
    noise = np.random.default_rng(0).integers(0, 256, (1400, 1400, 3), np.uint8)
    file = png(noise)

    assert 5_000_000 < len(file) < 10_000_000
    assert service.post("/enroll", subject="Ada", pictures=[file]).json() == {"enrolled": 1}


def bomb() -> bytes:
    """A .png file of 40 kB with 400 million white pixels."""
    side, file = 20_000, png(ADA[0])
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress((b"\0" + b"\xff" * (side // 8)) * side, 1)),
        (b"IEND", b""),
    ]
    parts = [struct.pack(">I", len(c)) + name + c + struct.pack(">I", zlib.crc32(name + c)) for name, c in chunks]
    return file[:8] + b"".join(parts)


def hostile_files() -> dict[str, bytes]:
    whole, buffer = png(ADA[0]), io.BytesIO()
    Image.fromarray(ADA[0][..., 0]).save(buffer, "JPEG")
    small, large = (b"\x08" + struct.pack(">HH", side, side) for side in (8, 10_000))
    return {
        "bomb": bomb(),
        "100 megapixels": buffer.getvalue().replace(small, large),
        "truncated": whole[:-30],
        "polyglot": b"%PDF-1.4\n" + whole,
        "script": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        "empty": b"",
    }


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_hostile_pictures_are_refused_in_a_sentence(service: Service) -> None:
    for name, file in hostile_files().items():
        for path in ("/crop", "/verify", "/identify", "/enroll"):
            answer = service.post(
                path, "admin", subject="Ada", **{"pictures" if path == "/enroll" else "picture": file}
            )

            assert answer.status == 400, name
            reason = "more than max_megapixels" if name == "100 megapixels" else "is not a readable image: "
            assert reason in answer.json()["detail"]
    assert len(service.gallery.log()) == 0


def test_metacharacters_are_part_of_a_name(service: Service) -> None:
    names = ["'; DROP TABLE subjects; --", '" OR 1=1 --', "%", "_", "Robert\\'); --", "../../etc/passwd", "<b>", "{0}"]
    for name in names:
        assert service.post("/verify", subject=name, picture=ADA[1]).json() == {"matched": False}
        assert service.post("/revoke", subject=name).status == 400
        assert service.post("/enroll", subject=name, pictures=[ADA[0]]).json() == {"enrolled": 1}
        assert service.post("/verify", subject=name, picture=ADA[1]).json() == {"matched": True}
    assert service.gallery.summary()["subject"].tolist() == sorted(names)


def test_names_that_nobody_has_are_refused_in_a_sentence(service: Service) -> None:
    asked: dict[str, dict[str, Any]] = {
        "/enroll": {"pictures": [ADA[0]]},
        "/verify": {"picture": ADA[0]},
        "/revoke": {},
        "/renew": {},
    }
    for name in ["x" * 10_000, "x" * 201, "é" * 5001, "", " ", "a\x00b", "a\nb", "\u202ename", " a"]:
        for path, fields in asked.items():
            answer = service.post(path, "admin", subject=name, **fields)

            assert answer.status in (400, 422), (name, path)
            assert "subject" in answer.json()["detail"]
            assert len(answer.body) < 300
    assert len(service.gallery.log()) == 0


def test_tokens_cannot_be_replayed(service: Service) -> None:
    path = service.settings.tokens
    revoked, expiring = create_token(path, "old", ["admin"]), create_token(path, "short", ["admin"], days=0.05 / 86_400)
    assert service.post("/crop", revoked, picture=ADA[0]).status == 200
    revoke_token(path, "old")
    time.sleep(0.05)
    create_token(path, "old", ["admin"])

    assert service.post("/crop", revoked, picture=ADA[0]).status == 401
    assert service.post("/crop", expiring, picture=ADA[0]).status == 401


def test_a_file_of_tokens_that_is_gone_lets_nobody_in(service: Service) -> None:
    service.settings.tokens.unlink()
    answer = service.post("/crop", picture=ADA[0])

    assert (answer.status, answer.json()["detail"][:28]) == (503, "tokens cannot be checked now")


def test_a_database_that_cannot_be_used_is_503_and_says_nothing_of_itself(service: Service) -> None:
    service.post("/enroll", subject="Ada", pictures=[ADA[0]])
    with service.gallery.database.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE templates RENAME TO elsewhere")
    answers = [
        service.post("/enroll", subject="Ada", pictures=[ADA[0]]),
        service.post("/verify", subject="Ada", picture=ADA[0]),
        service.post("/revoke", subject="Ada"),
        service.get("/health"),
    ]
    with service.gallery.database.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO templates")

    assert {answer.status for answer in answers} == {503}
    assert {answer.body for answer in answers} == {
        b'{"detail":"the gallery cannot be used now: the service\'s log has more"}'
    }
    assert service.post("/verify", subject="Ada", picture=ADA[1]).json() == {"matched": True}
    assert len(service.gallery.log()) == 2  # nothing of what failed


def random_request(rng: random.Random, service: Service) -> tuple[str, str, list[tuple[bytes, bytes]], bytes]:
    """A request with random bytes somewhere: its path, a header, a form's field, its file, or all of its body."""
    noise = rng.randbytes(rng.choice([0, 1, 20, 300]))
    method, path = rng.choice(["POST", "POST", "POST", "GET", "PUT", "HEAD"]), rng.choice(PATHS)
    token = rng.choice(["admin", "admin", "admin", "verifier", "mq_x"])
    place = rng.randrange(6)
    if place == 0:
        return method, "/" + noise.decode("latin-1"), list(service.bearer(token)), b""
    if place == 1:
        return method, path, [(b"authorization", b"Bearer " + noise.replace(b"\n", b"")), (b"cookie", noise)], b""
    if place == 2:
        kind = rng.choice(["multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "application/json"])
        return method, path, typed(service, kind, token), rng.choice([b"", b"--x\r\n", b"subject="]) + noise
    if place == 3:
        return method, path, [*service.bearer(token), (b"content-type", b"multipart/form-data;" + noise)], noise
    name = noise.decode("latin-1") if place == 4 else "Ada"
    file = noise if place == 5 else png(ADA[0])
    form = Form.of({"subject": name, "picture": file, "pictures": file})
    body = bytearray(form.body)
    if rng.random() < 0.3:
        body[rng.randrange(len(body))] = rng.randrange(256)
    return method, path, typed(service, form.kind, token), bytes(body)


@pytest.mark.slow
def test_ten_thousand_random_requests_leave_it_whole(service: Service) -> None:
    rng = random.Random(15)
    statuses: set[int] = set()
    asked = [random_request(rng, service) for _ in range(10_000)]

    async def ask_all() -> None:
        for start in range(0, len(asked), 20):
            answers = await asyncio.gather(*(service.asked(*request) for request in asked[start : start + 20]))
            statuses.update(answer.status for answer in answers)

    service.loop.run_until_complete(ask_all())

    assert {200, 400, 401, 403, 404, 405, 422} <= statuses <= {200, 400, 401, 403, 404, 405, 408, 413, 422}
    summary, log = Gallery(service.settings.gallery).summary(), service.gallery.log()
    assert (
        summary[["enrolled", "revoked", "deleted"]].to_numpy().sum() == (log["action"].isin(["enroll", "renew"])).sum()
    )
    assert service.post("/enroll", subject="last", pictures=[BO[0]]).json() == {"enrolled": 1}
    assert service.post("/verify", subject="last", picture=BO[1]).json() == {"matched": True}
