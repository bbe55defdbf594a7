"""A server on loopback: load, kill −9, stop, TLS, a database that goes away."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from benchmarks.load import load
from linear_model import LinearModel, people
from postgres import Server
from repository import ROOT
from service_client import Form, OpenService, Service

pytest.importorskip("prometheus_client", reason="pip install masquerade[serve]")
pytest.importorskip("python_multipart", reason="pip install masquerade[serve]")

from masquerade.errors import InputError
from masquerade.gallery.store import Gallery
from masquerade.recognition.model import png
from masquerade.service.serve import serve
from masquerade.service.settings import Settings

ADA, BO = people(2)

SERVE = """
import json, sys
from pathlib import Path
from linear_model import LinearModel
from masquerade.service.serve import serve
from masquerade.service.settings import Settings

settings = json.loads(sys.argv[1])
paths = {name: Path(settings[name]) for name in ("tokens", "key", "certificate", "private_key") if settings.get(name)}
serve(Settings(**settings | paths), LinearModel())
"""


class Running:
    """A service in a process of its own."""

    def __init__(self, settings: dict[str, Any], tokens: dict[str, str]) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        scheme = "https" if settings.get("certificate") else "http"
        self.url = f"{scheme}://127.0.0.1:{port}"
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-W",
                "error::ResourceWarning",
                "-c",
                SERVE,
                json.dumps(settings | {"port": port}, default=str),
            ],
            stderr=subprocess.PIPE,
            text=True,
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
        )
        self.tokens = tokens
        for _ in range(600):
            try:
                httpx.get(f"{self.url}/health", verify=False)
                return
            except httpx.TransportError:
                assert self.process.poll() is None, self.process.stderr and self.process.stderr.read()
                time.sleep(0.05)
        raise AssertionError("the service does not answer")

    def post(self, path: str, subject: str, **files: bytes) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tokens['admin']}"}
        sent = [(name, ("a.png", file)) for name, file in files.items()]
        return httpx.post(
            self.url + path,
            headers=headers,
            data={"subject": subject},
            files=sent,
            verify=False,
            timeout=60,
        )

    def end(self, number: int) -> str:
        self.process.send_signal(number)
        return self.process.communicate(timeout=60)[1]


@pytest.fixture
def start(settings: dict[str, Any], tokens: dict[str, str]) -> Iterator[Callable[..., Running]]:
    running: list[Running] = []

    def started(**changes: Any) -> Running:
        running.append(Running(settings | changes, tokens))
        return running[-1]

    yield started
    for each in running:
        each.process.kill()
        each.process.communicate()


@pytest.mark.slow
def test_nothing_is_lost_under_load_and_a_stop_answers_what_runs(
    start: Callable[..., Running], settings: dict[str, Any], tmp_path: Path
) -> None:
    certificate, private_key = self_signed(tmp_path)
    service = start(certificate=certificate, private_key=private_key)
    service.post("/enroll", "Ada", pictures=png(ADA[0]))
    with pytest.raises(httpx.TransportError):
        httpx.get(service.url.replace("https", "http") + "/health")
    found = load(service.url, service.tokens["verifier"], "Ada", png(ADA[1]), requests=100, at_once=16)

    assert found.answers == {200: 100}
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(service.post, "/enroll", "Bo", pictures=png(BO[0])) for _ in range(16)]
        while len(Gallery(settings["gallery"]).enrolled("Bo")) < 3:
            time.sleep(0.01)
        log = service.end(signal.SIGTERM)
        answered = [future.result().status_code for future in asked if future.exception() is None]
    assert service.process.returncode in (0, -signal.SIGTERM)  # uvicorn passes the signal on once it has ended
    assert set(answered) == {200}
    gallery = Gallery(settings["gallery"])
    assert len(gallery.enrolled("Bo")) == len(answered)  # what was stored was answered, and the other way round
    assert gallery.log()["action"].value_counts()["verify"] == 100
    events = [json.loads(line)["event"] for line in log.splitlines()]
    assert events.count("request") == 2 + 100 + len(answered)  # one asked whether it is there
    assert "stopped" in events


@pytest.mark.slow
def test_kill_9_during_requests_leaves_nothing_half(start: Callable[..., Running], open_service: OpenService) -> None:
    service, answered = start(), []
    two = [("pictures", ("a.png", png(face))) for face in ADA]

    def enrol(number: int) -> None:
        headers = {"Authorization": f"Bearer {service.tokens['enroller']}"}
        try:
            sent = httpx.post(f"{service.url}/enroll", headers=headers, data={"subject": f"n{number}"}, files=two)
            answered.append((number, sent.status_code))
        except httpx.TransportError:
            pass

    with ThreadPoolExecutor(6) as pool:
        for number in range(200):
            pool.submit(enrol, number)
        while len(answered) < 10:
            time.sleep(0.005)
        service.end(signal.SIGKILL)
        pool.shutdown(cancel_futures=True)

    again = open_service()
    summary = again.gallery.summary().set_index("subject")
    assert set(summary["enrolled"]) == {2}  # both pictures of a request, or none
    assert {f"n{number}" for number, status in answered if status == 200} <= set(summary.index)
    assert len(again.gallery.log()) == 2 * len(summary)
    done = next(number for number, status in answered if status == 200)
    assert again.post("/verify", subject=f"n{done}", picture=ADA[1]).json() == {"matched": True}


def test_what_cannot_be_served_is_a_sentence(settings: dict[str, Any], tmp_path: Path) -> None:
    model: Any = LinearModel()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=rf"^127\.0\.0\.1:{port}: cannot be listened to: Address already in use"):
            serve(Settings(**settings, port=port), model)
    (tmp_path / "a.pem").write_text("no certificate")
    files: dict[str, Any] = {"certificate": tmp_path / "a.pem", "private_key": tmp_path / "a.pem"}
    with pytest.raises(InputError, match=r"a\.pem: the certificate or its private key cannot be used: "):
        serve(Settings(**settings, **files), model)
    for missing in ("tokens", "key"):
        with pytest.raises(InputError, match=r"nowhere: .* cannot be read: No such file or directory$"):
            serve(Settings(**settings | {missing: tmp_path / "nowhere"}), model)


def test_the_service_answers_while_the_model_works(open_service: OpenService, monkeypatch: pytest.MonkeyPatch) -> None:
    service = open_service(waiting=2)
    service.post("/enroll", subject="Ada", pictures=[ADA[0]])
    begun, go_on, threads = threading.Event(), threading.Event(), set()
    embed = LinearModel.embed

    def slow(self: LinearModel, images: Any) -> Any:
        threads.add(threading.get_ident())
        begun.set()
        assert go_on.wait(20)
        return embed(self, images)

    monkeypatch.setattr(LinearModel, "embed", slow)

    def asked() -> Any:
        form = Form.of({"subject": "Ada", "picture": png(ADA[1])})
        headers = [*service.bearer("admin"), (b"content-type", form.kind.encode())]
        return service.asked("POST", "/verify", headers, form.body)

    async def ask() -> list[Any]:
        verifying = [asyncio.create_task(asked()) for _ in range(3)]
        while not begun.is_set():
            await asyncio.sleep(0.001)
        health, refused = await service.asked("GET", "/health", [], b""), await asked()
        go_on.set()
        return [health, refused, *await asyncio.gather(*verifying)]

    health, refused, *verified = service.loop.run_until_complete(ask())
    assert health.status == 200
    assert (refused.status, refused.headers["retry-after"]) == (503, "1")  # one works, two wait
    assert [answer.json() for answer in verified] == [{"matched": True}] * 3
    assert len(threads) == 1
    assert threads != {threading.get_ident()}


def test_a_database_that_goes_away_is_503_and_comes_back(open_service: OpenService, postgres: Server) -> None:
    service = open_service(gallery=postgres.empty("service"))
    service.post("/enroll", subject="Ada", pictures=[ADA[0]])
    postgres.stop()
    try:
        gone = [ask(service) for ask in (verified, lambda service: service.get("/health"))]
    finally:
        postgres.start()

    assert [answer.status for answer in gone] == [503, 503]
    assert b"postgres" not in gone[0].body
    assert verified(service).json() == {"matched": True}
    assert service.get("/health").status == 200


def verified(service: Service) -> Any:
    return service.post("/verify", subject="Ada", picture=ADA[1])


def self_signed(folder: Path) -> tuple[Path, Path]:
    """Write a certificate for 127.0.0.1, and its private key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    certificate, private_key = folder / "certificate.pem", folder / "private_key.pem"
    pem = serialization.Encoding.PEM
    certificate.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(pem))
    private = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    private_key.write_bytes(key.private_bytes(pem, *private))
    return certificate, private_key
