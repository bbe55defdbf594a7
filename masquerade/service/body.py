"""How large a request may be, and how long it may take to arrive: known before it has been read."""

import asyncio

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartParser
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SMALL = 64_000
"""Bytes of a request without a picture: no more is parsed, as a million empty fields would take seconds."""


class BodyLimit:
    """An ASGI application whose requests are no larger and no slower than this.

    Args:
        max_bytes: of a request with pictures.
        max_seconds: until all of it has arrived.
    """

    def __init__(self, app: ASGIApp, max_bytes: int, max_seconds: float) -> None:
        self.app, self.max_bytes, self.max_seconds = app, max_bytes, max_seconds
        # Above this size Starlette would write a picture to the disk.
        MultiPartParser.spool_max_size = max(MultiPartParser.spool_max_size, max_bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        pictures = headers.get("content-type", "").lower().startswith("multipart/")
        most = self.max_bytes if pictures else min(SMALL, self.max_bytes)
        too_large = HTTPException(413, f"the request has more than {most} bytes")
        declared = headers.get("content-length", "")
        if len(declared) > 18 or (declared.isdecimal() and int(declared) > most):
            await JSONResponse({"detail": too_large.detail}, 413)(scope, receive, send)
            return
        deadline = asyncio.get_running_loop().time() + self.max_seconds
        size, complete = 0, False

        async def limited() -> Message:
            nonlocal size, complete
            try:
                async with asyncio.timeout_at(None if complete else deadline):
                    message = await receive()
            except TimeoutError as error:
                raise HTTPException(408, f"the request took more than {self.max_seconds:g} s to arrive") from error
            size += len(message.get("body", b""))
            complete = not message.get("more_body", False)
            if size > most:
                raise too_large
            return message

        await self.app(scope, limited, send)
