"""Connections to a gallery's database, one transaction at a time, and its errors as sentences."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from masquerade.errors import InputError


class UnavailableError(InputError):
    """The database cannot be used now, whatever was asked of it."""


PATIENCE = 30
"""Seconds that a command waits for another one's transaction."""

WRITERS = 0x6D61_7371
"""Number of PostgreSQL's advisory lock that writers take in turn."""


class Database:
    """A gallery's database.

    Args:
        url: SQLAlchemy's, as ``sqlite:///gallery.db`` or ``postgresql+psycopg://user@host/name``; a plain path is a
            file of SQLite.
        create: make a file of SQLite that is missing.

    Raises:
        InputError: the address cannot be read, its driver is not installed, or there is no such file.
    """

    def __init__(self, url: str, create: bool = True) -> None:
        try:
            parsed = make_url(url if "://" in url else f"sqlite:///{url}")
            self.name = parsed.render_as_string(hide_password=True)
            options: dict[str, Any] = {"pool_pre_ping": True} if parsed.get_backend_name() != "sqlite" else {}
            self.engine = create_engine(parsed, **options)
        except (NoSuchModuleError, ModuleNotFoundError) as error:
            raise InputError(
                f"gallery {self.name}: its driver is not installed: pip install masquerade[postgres]"
            ) from error
        except (ArgumentError, ValueError) as error:
            raise InputError(
                "the gallery's address cannot be read: sqlite:///gallery.db or postgresql+psycopg://…"
            ) from error
        except OSError as error:  # the current folder is gone
            raise InputError(f"gallery {self.name}: cannot be used: {error.strerror}") from error
        if self.engine.dialect.name == "sqlite":
            _prepare_sqlite(self.engine, parsed.database, create)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection that sees one state of the database."""
        with self._sentences(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield a connection whose changes are all kept, on the disk, or none; writers wait for one another."""
        with self._sentences(), self.engine.connect().execution_options(writes=True) as connection, connection.begin():
            if self.engine.dialect.name == "postgresql":
                connection.execute(text(f"SELECT pg_advisory_xact_lock({WRITERS})"))
            yield connection

    @contextmanager
    def _sentences(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, OSError) as error:
            reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
            raise UnavailableError(f"gallery {self.name}: cannot be used: {reason}") from error


def _prepare_sqlite(engine: Engine, file: str | None, create: bool) -> None:
    if file and file != ":memory:":
        path = Path(file)
        try:
            if not path.parent.is_dir():
                raise InputError(f"gallery {path}: there is no folder {path.parent}")
            if not create and not path.exists():
                raise InputError(f"gallery {path}: there is no such file")
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # SQLite gives its journal the same rights
        except OSError as error:
            raise InputError(f"gallery {path}: cannot be used: {error.strerror}") from error

    @event.listens_for(engine, "connect")
    def _(connection: Any, _: object) -> None:
        connection.isolation_level = None  # SQLAlchemy begins its transactions itself, below
        for pragma in (
            f"busy_timeout = {1000 * PATIENCE}",
            "journal_mode = WAL",  # readers need not wait
            "synchronous = FULL",  # what is committed survives a power cut
            "foreign_keys = ON",
            "secure_delete = ON",  # what is deleted is overwritten
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        # A transaction that reads first and then writes could fail at the second step.
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
