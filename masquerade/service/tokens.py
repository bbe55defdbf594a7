"""Bearer tokens and what their owners may do: a file with the hash of each, for its owner alone.

A token is 256 random bits, so one SHA-256 of it cannot be searched for, and needs no salt.
"""

import hashlib
import json
import os
import re
import secrets
import stat
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from filelock import FileLock

from masquerade.atomic import replacing
from masquerade.errors import InputError

DAYS = 90
"""That a token is good for, unless somebody says otherwise."""


class Role(StrEnum):
    """What a token is for."""

    ENROLLER = "enroller"
    VERIFIER = "verifier"
    ADMIN = "admin"


@dataclass(frozen=True)
class Token:
    """One line of the file.

    Attributes:
        name: of its owner, as the gallery's log shows it.
        roles: an admin may do everything.
        sha256: of the token, in hexadecimal.
        expires_at: in UTC.
    """

    name: str
    roles: frozenset[Role]
    sha256: str
    expires_at: datetime

    def may(self, role: Role) -> bool:
        """Tell whether the owner may do what this role is for."""
        return role in self.roles or Role.ADMIN in self.roles


def create_token(path: Path, name: str, roles: Iterable[Role | str], days: float = DAYS) -> str:
    """Add a token to the file, which is made if it is missing, and return it: nobody can read it again.

    Raises:
        InputError: the name is taken or has other characters than letters, digits, space, ``.``, ``_`` and ``-``; a
            role is unknown, or there is none; the file cannot be used.
    """
    if not re.fullmatch(r"[\w.-][\w .-]{0,63}", name):
        raise InputError(f"token {name!a}: a name has 1 to 64 letters, digits, spaces, '.', '_' and '-'")
    try:
        chosen = frozenset(Role(role) for role in roles)
        expires = datetime.now(UTC) + timedelta(days=days)
    except (ValueError, OverflowError) as error:
        raise InputError(f"token {name}: {error}; the roles are {', '.join(Role)}") from error
    if not chosen or days <= 0:
        raise InputError(f"token {name}: needs a role, and a day or more")
    secret = f"mq_{secrets.token_urlsafe(32)}"
    with _changing(path):
        known = read_tokens(path) if path.exists() else []
        if name in {token.name for token in known}:
            raise InputError(f"token {name}: there is one of that name in {path}")
        _write(path, [*known, Token(name, chosen, _digest(secret), expires)])
    return secret


def revoke_token(path: Path, name: str) -> None:
    """Remove a token; a service that runs refuses its next request.

    Raises:
        InputError: there is none of that name, or the file cannot be used.
    """
    with _changing(path):
        known = read_tokens(path)
        kept = [token for token in known if token.name != name]
        if len(kept) == len(known):
            raise InputError(f"token {name}: there is none of that name in {path}")
        _write(path, kept)


def read_tokens(path: Path) -> list[Token]:
    """Read the file.

    Raises:
        InputError: it is missing or damaged, or others may read or change it.
    """
    try:
        with path.open(encoding="utf-8") as file:
            mode, text = os.fstat(file.fileno()).st_mode, file.read()
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: the tokens cannot be read: {getattr(error, 'strerror', error)}") from error
    if stat.S_IMODE(mode) & 0o077:
        raise InputError(f"{path}: others may read or change the tokens: chmod 600")
    try:
        return [
            Token(
                str(line["name"]),
                frozenset(Role(role) for role in line["roles"]),
                str(line["sha256"]),
                datetime.fromisoformat(line["expires_at"]).astimezone(UTC),
            )
            for line in json.loads(text)["tokens"]
        ]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise InputError(f"{path}: is not a file of tokens") from error


class Tokens:
    """The tokens of a service, which sees at once when the file has changed.

    Args:
        path: of the file.
        clock: seconds; it may not go back, so that moving the machine's clock back makes no token good again.

    Raises:
        InputError: from every method, see :func:`read_tokens`.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.path, self._clock = path, clock
        self._state: tuple[int, ...] = ()
        self._known: dict[str, tuple[Token, float]] = {}
        self._refresh()

    def find(self, secret: str) -> Token | None:
        """Return the token with this text; None if there is none, or it has expired."""
        self._refresh()
        # Whoever times the look-up learns about hashes, from which no token follows.
        token, until = self._known.get(_digest(secret), (None, 0.0))
        if token is None or self._clock() >= until or datetime.now(UTC) >= token.expires_at:
            return None
        return token

    def _refresh(self) -> None:
        try:
            found = self.path.stat()
        except OSError as error:
            raise InputError(f"{self.path}: the tokens cannot be read: {error.strerror}") from error
        state = (found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size)
        if state != self._state:
            now, moment = self._clock(), datetime.now(UTC)
            self._known = {
                token.sha256: (token, now + (token.expires_at - moment).total_seconds())
                for token in read_tokens(self.path)
            }
            self._state = state


def _changing(path: Path) -> FileLock:
    if not path.absolute().parent.is_dir():
        raise InputError(f"{path}: the tokens cannot be written: there is no folder {path.parent}")
    return FileLock(f"{path}.lock", mode=0o600)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def _write(path: Path, tokens: Sequence[Token]) -> None:
    lines = [
        {
            "name": token.name,
            "roles": sorted(token.roles),
            "sha256": token.sha256,
            "expires_at": token.expires_at.isoformat(),
        }
        for token in tokens
    ]
    with replacing(path) as temporary:
        temporary.touch(mode=0o600)
        temporary.write_text(json.dumps({"tokens": lines}, indent=2) + "\n", encoding="utf-8")
