"""Who may come in: decided from a request's headers, before its body is read."""

from collections.abc import Callable, Coroutine
from math import ceil
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute

from masquerade.errors import InputError
from masquerade.service.limits import LockOut, Rate
from masquerade.service.observe import LOG
from masquerade.service.settings import Settings
from masquerade.service.tokens import Role, Token, Tokens


class Guard:
    """The tokens of a service and its limits."""

    def __init__(self, settings: Settings) -> None:
        self.tokens = Tokens(settings.tokens)
        self.rate = Rate(settings.rate)
        self.subject_rate = Rate(settings.subject_rate)
        self.identify_rate = Rate(settings.identify_rate)
        self.lock_out = LockOut(settings.failures, settings.lock_out)

    def admit(self, authorization: str, role: Role | None) -> Token:
        """Return the token of a request; any role will do where none is named.

        Raises:
            HTTPException: 401, no token that is known; 403, not for this role; 429, too often; 503, the tokens cannot
                be read.
        """
        scheme, _, secret = authorization.partition(" ")
        try:
            token = self.tokens.find(secret.strip()) if scheme.lower() == "bearer" else None
        except InputError as error:
            LOG.error("tokens", extra={"fields": {"reason": str(error)}})
            raise HTTPException(503, "tokens cannot be checked now: the service's log has more") from error
        if token is None:
            raise HTTPException(
                401, "this needs a bearer token that is known and has not expired", {"WWW-Authenticate": "Bearer"}
            )
        _refuse(self.rate.wait(token.name), "too many requests with this token")
        if role is not None and not token.may(role):
            raise HTTPException(403, f"this needs a token of the role {role}")
        return token

    def identifying(self, token: Token) -> None:
        """Count an identification.

        Raises:
            HTTPException: 429, too often.
        """
        _refuse(self.identify_rate.wait(token.name), "too many identifications with this token")

    def verifying(self, subject: str) -> None:
        """Count a try to be this subject, who may not exist; it is a failure until it is forgiven.

        Raises:
            HTTPException: 429, too often.
        """
        _refuse(self.subject_rate.wait(subject), "too many verifications of this subject")
        _refuse(self.lock_out.wait(subject), "too many rejections of this subject")


def route(guard: Guard, role: Role | None) -> type[APIRoute]:
    """Return a class of routes that only this role passes; ``request.state.token`` is then the token."""

    class Guarded(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def guarded(request: Request) -> Response:
                request.state.token = guard.admit(request.headers.get("authorization", ""), role)
                return await handle(request)

            return guarded

    return Guarded


def _refuse(seconds: float, reason: str) -> None:
    if seconds:
        wait = ceil(seconds)
        raise HTTPException(429, f"{reason}: try again in {wait} s", {"Retry-After": str(wait)})
