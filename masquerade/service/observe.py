"""A line of JSON for each request, and metrics. Neither has a picture, a template, a token, a key or a subject."""

import json
import logging
import secrets
import sys
import time
import traceback
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOG = logging.getLogger("masquerade.service")

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src blob: data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Of every answer: nothing is kept, and a page loads nothing that does not come from here."""

RAW = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]


class JsonLines(logging.Formatter):
    """Records as lines of JSON; of an exception they have type and places, not the message, which may quote values."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            frames = traceback.extract_tb(error.__traceback__)
            line["error"] = type(error).__name__
            line["places"] = [f"{frame.filename}:{frame.lineno}" for frame in frames]
        return json.dumps(line)


def log_to_stderr() -> None:
    """Write the log of the service, and of the server, to the standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    for name in ("masquerade.service", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(logging.INFO)


class Metrics:
    """What Prometheus may read; nothing in it says who."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter("masquerade_requests", "Requests", ["route", "status"], registry=self.registry)
        self.seconds = Histogram("masquerade_request_seconds", "Their time", ["route"], registry=self.registry)
        self.running = Gauge("masquerade_requests_running", "Requests that are being answered", registry=self.registry)
        self.decisions = Counter(
            "masquerade_decisions", "Verifications and identifications", ["action", "outcome"], registry=self.registry
        )

    def decided(self, action: str, matched: bool) -> None:
        """Count a decision."""
        self.decisions.labels(action, "match" if matched else "no match").inc()


class Observed:
    """An ASGI application whose requests are logged and counted, and whose answers have :data:`HEADERS`."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        number, start, status = secrets.token_hex(8), time.monotonic(), 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *RAW, (b"x-request-id", number.encode())]
            await send(message)

        with self.metrics.running.track_inprogress():
            try:
                await self.app(scope, receive, answer)
            except Exception:
                LOG.exception("fault", extra={"fields": {"request": number}})
                if not status:  # otherwise the answer is cut off, which is all that can be done
                    await JSONResponse({"detail": "this is a fault of the service; its log has more"}, 500)(
                        scope, receive, answer
                    )
        seconds = time.monotonic() - start
        # The path itself may hold what somebody typed.
        route = getattr(scope.get("route"), "path", "none")
        self.metrics.requests.labels(route, status).inc()
        self.metrics.seconds.labels(route).observe(seconds)
        token = scope.get("state", {}).get("token")
        fields = {
            "request": number,
            "route": route,
            "status": status,
            "seconds": round(seconds, 4),
            "token": token.name if token else None,
        }
        LOG.info("request", extra={"fields": fields})
