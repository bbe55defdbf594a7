"""Requests to a service in this process, without a server: ASGI alone."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import numpy as np
from linear_model import LinearModel
from urllib3.filepost import encode_multipart_formdata

from masquerade.gallery.store import Gallery
from masquerade.recognition.model import png
from masquerade.service.settings import Settings

Headers = Sequence[tuple[bytes, bytes]]


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Form(NamedTuple):
    """A request with a form; each value is a text, or the content of a file."""

    body: bytes
    kind: str

    @classmethod
    def of(cls, fields: Mapping[str, str | bytes | list[bytes]]) -> "Form":
        parts: list[Any] = []
        for name, value in fields.items():
            for each in value if isinstance(value, list) else [value]:
                parts.append((name, ("a.png", each) if isinstance(each, bytes) else each))
        return cls(*encode_multipart_formdata(parts))


@dataclass
class Service:
    """A service, and what its operator knows.

    Attributes:
        tokens: by role.
    """

    app: Any
    settings: Settings
    model: LinearModel
    tokens: dict[str, str]
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    @property
    def gallery(self) -> Gallery:
        return self.app.state.system.gallery

    def ask(self, method: str, path: str, headers: Headers = (), body: bytes | Sequence[bytes] = b"") -> Answer:
        """Send a request in one piece or several, and wait for its answer."""
        return self.loop.run_until_complete(self.asked(method, path, headers, body))

    async def asked(self, method: str, path: str, headers: Headers, body: bytes | Sequence[bytes]) -> Answer:
        pieces = [body] if isinstance(body, bytes) else list(body)
        waiting = [
            {"type": "http.request", "body": piece, "more_body": number < len(pieces)}
            for number, piece in enumerate(pieces, start=1)
        ]
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return waiting.pop(0) if waiting else {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await self.app(
            {
                "type": "http",
                "asgi": {"version": "3.0"},
                "http_version": "1.1",
                "scheme": "http",
                "method": method,
                "path": path,
                "raw_path": path.encode("utf-8", "surrogateescape"),
                "query_string": b"",
                "root_path": "",
                "headers": list(headers),
                "server": ("127.0.0.1", 8000),
                "client": ("127.0.0.1", 1),
            },
            receive,
            send,
        )
        names = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return Answer(sent[0]["status"], names, b"".join(message.get("body", b"") for message in sent[1:]))

    def post(self, path: str, token: str | None = "admin", **fields: Any) -> Answer:
        """Send a form with the token of a role, or with this very one; images are sent as .png files."""
        form = Form.of({name: _sent(value) for name, value in fields.items()})
        return self.ask("POST", path, [*self.bearer(token), (b"content-type", form.kind.encode())], form.body)

    def get(self, path: str, token: str | None = None) -> Answer:
        return self.ask("GET", path, self.bearer(token))

    def bearer(self, token: str | None) -> Headers:
        return [] if token is None else [(b"authorization", f"Bearer {self.tokens.get(token, token)}".encode())]


class OpenService(Protocol):
    def __call__(self, **settings: Any) -> Service: ...


def _sent(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return png(value)
    return [_sent(each) for each in value] if isinstance(value, list) else value
