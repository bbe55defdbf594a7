"""What happens to templates: enrolled → revoked → deleted, each step in one transaction with its line in the log."""

import secrets
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Row, Select, func, insert, select, update

from masquerade.errors import InputError
from masquerade.gallery.connection import Database
from masquerade.gallery.migrations import upgrade
from masquerade.gallery.schema import LONGEST_NAME, State, audit, subjects, templates

TOGETHER = 10_000
"""Rows that are read at once."""


def new_number() -> int:
    """Draw the number of a record: 63 random bits, so that no two records of a person ever share a key.

    Not even those that were enrolled at once, or before a backup was restored.
    """
    return secrets.randbits(63)


def checked_name(subject: str) -> str:
    """Return a subject's name as it is stored (Unicode's normal form C).

    Raises:
        InputError: it is empty, longer than :data:`LONGEST_NAME` characters, or has characters that cannot be shown.
    """
    name = unicodedata.normalize("NFC", subject)
    if not name.strip() or name != name.strip():
        raise InputError("a subject's name is empty, or begins or ends with a space")
    if len(name) > LONGEST_NAME:
        raise InputError(f"a subject's name has {len(name)} characters; {LONGEST_NAME} are the most")
    if not all(character.isprintable() for character in name):
        raise InputError(f"subject {name!a}: has characters that cannot be shown")
    return name


@dataclass(frozen=True)
class Template:
    """A template to store.

    Attributes:
        number: of its record, see :func:`new_number`.
        image: T, a .png file.
        vector: F(T), float32 (m,).
        model: digest of F and G.
        key_epoch: fingerprint of the master secret.
    """

    number: int
    image: bytes
    vector: np.ndarray
    model: str
    key_epoch: str


class Stored(NamedTuple):
    """An enrolled template."""

    id: int
    subject: str
    number: int
    vector: np.ndarray
    model: str
    key_epoch: str


class Columns(NamedTuple):
    """Enrolled templates, each attribute of :class:`Stored` a column: a million of them cost seconds, not a minute."""

    ids: Sequence[int]
    subjects: Sequence[str]
    numbers: Sequence[int]
    vectors: np.ndarray
    models: Sequence[str]
    key_epochs: Sequence[str]

    def rows(self) -> Iterator[Stored]:
        """Yield the templates one by one."""
        return map(Stored, *self)


class NoLongerEnrolled(InputError):
    """Somebody else was faster."""


class Gallery:
    """The templates of a system.

    Args:
        url: see :class:`masquerade.gallery.connection.Database`; an empty database is given its tables.
        create: make a gallery that is not there yet; else it is an error.

    Raises:
        InputError: from every method, in one sentence, if the database cannot be used. Nothing is then changed.
    """

    def __init__(self, url: str, create: bool = True) -> None:
        self.database = Database(url, create)
        upgrade(self.database, create)

    def enroll(self, subject: str, added: Sequence[Template], actor: str) -> None:
        """Store new templates of a subject beside those it has, all or none."""
        name = checked_name(subject)
        with self.database.writing() as connection:
            found = connection.scalar(select(subjects.c.id).where(subjects.c.name == name))
            owner = found or connection.scalars(insert(subjects).values(name=name).returning(subjects.c.id)).one()
            for template in added:
                self._insert(connection, owner, name, template, actor, "enroll")

    def enrolled(self, subject: str) -> list[Stored]:
        """Return the templates a probe of this subject is compared with; none if nobody has that name."""
        with self.database.reading() as connection:
            return [
                _stored(row) for row in connection.execute(_enrolled().where(subjects.c.name == checked_name(subject)))
            ]

    def all_enrolled(self, after: int = 0) -> Iterator[list[Stored]]:
        """Yield all enrolled templates with an id above ``after``, in the order of their ids, some thousand at once."""
        for columns in self.columns(after):
            yield list(columns.rows())

    def columns(self, after: int = 0) -> Iterator[Columns]:
        """Yield the same in columns, with vectors (n, m) that are one piece of memory.

        Raises:
            InputError: vectors have not all the same length: one is damaged.
        """
        while True:
            some = _enrolled().where(templates.c.id > after).order_by(templates.c.id).limit(TOGETHER)
            with self.database.reading() as connection:
                rows = connection.execute(some).all()
            if not rows:
                return
            ids, names, numbers, vectors, models, epochs = zip(*rows, strict=True)
            for name, number, vector in zip(names, numbers, vectors, strict=True):
                if len(vector) != len(vectors[0]):
                    raise InputError(f"record {number} of {name}: its vector is damaged, or an earlier one's is")
            joined = np.frombuffer(b"".join(vectors), "<f4").reshape(len(ids), -1)
            yield Columns(ids, names, numbers, joined, models, epochs)
            after = ids[-1]

    def newest(self) -> Stored | None:
        """Return the enrolled template with the highest id."""
        with self.database.reading() as connection:
            row = connection.execute(_enrolled().order_by(templates.c.id.desc()).limit(1)).first()
            return None if row is None else _stored(row)

    def check(self) -> None:
        """Ask the database for nothing, to see that it answers."""
        with self.database.reading() as connection:
            connection.execute(select(templates.c.id).limit(1))

    def images(self, subject: str, numbers: Sequence[int]) -> list[bytes]:
        """Return the enrolled T of these records of a subject in this order, .png files.

        Raises:
            InputError: one of them is not enrolled.
        """
        chosen = select(templates.c.number, templates.c.image).join(subjects).where(*_of(subject))
        with self.database.reading() as connection:
            rows = connection.execute(chosen.where(templates.c.number.in_(numbers)))
            found = {row.number: row.image for row in rows}
        for number in numbers:
            if number not in found:
                raise InputError(f"record {number} of {subject}: is not enrolled")
        return [found[number] for number in numbers]

    def others(self, subject: str, model: str, count: int) -> list[bytes]:
        """Return the newest enrolled T of other people, made with this model; at most ``count`` .png files."""
        name, state = subjects.c.name != checked_name(subject), templates.c.state == State.ENROLLED
        chosen = select(templates.c.image).join(subjects).where(name, state, templates.c.model == model)
        with self.database.reading() as connection:
            return list(connection.scalars(chosen.order_by(templates.c.id.desc()).limit(count)))

    def image(self, subject: str) -> bytes:
        """Return the newest enrolled T of a subject, a .png file.

        Raises:
            InputError: it has none.
        """
        chosen = select(templates.c.image).join(subjects).where(*_of(subject)).order_by(templates.c.id.desc()).limit(1)
        with self.database.reading() as connection:
            image = connection.scalar(chosen)
        if image is None:
            raise _nobody(subject)
        return image

    def replace(self, old: Stored, new: Template, actor: str, action: str = "renew") -> None:
        """Revoke a template and enrol the one that was made from it.

        Raises:
            NoLongerEnrolled: somebody else has revoked or replaced the old one.
        """
        with self.database.writing() as connection:
            owner = connection.scalars(select(templates.c.subject).where(templates.c.id == old.id)).one()
            if not self._move(connection, [old.id], State.ENROLLED, State.REVOKED):
                raise NoLongerEnrolled(
                    f"record {old.number} of {old.subject}: is no longer enrolled, and was not renewed"
                )
            self._log(connection, actor, "revoke", old.subject, old.number)
            self._insert(connection, owner, old.subject, new, actor, action)

    def revoke(self, subject: str, actor: str) -> int:
        """Revoke all enrolled templates of a subject; return how many.

        Raises:
            InputError: it has none.
        """
        with self.database.writing() as connection:
            return self._revoke(connection, subject, actor) or _fail(_nobody(subject))

    def delete(self, subject: str, actor: str) -> int:
        """Revoke what is enrolled and erase all revoked templates of a subject; return how many were erased.

        The names of the records remain, so that no key is ever used twice, and the log.

        Raises:
            InputError: it has none.
        """
        with self.database.writing() as connection:
            self._revoke(connection, subject, actor)
            rows = connection.execute(_records(subject, State.REVOKED)).all()
            self._move(connection, [row.id for row in rows], State.REVOKED, State.DELETED, image=None, vector=None)
            for row in rows:
                self._log(connection, actor, "delete", subject, row.number)
            return len(rows) or _fail(InputError(f"subject {subject}: has no template that could be deleted"))

    def summary(self) -> pd.DataFrame:
        """Return a row for each subject: ``enrolled``, ``revoked`` and ``deleted`` templates and the last change."""
        counts = [func.count().filter(templates.c.state == state).label(state) for state in State]
        chosen = (
            select(subjects.c.name.label("subject"), *counts, func.max(templates.c.changed_at).label("changed_at"))
            .join(templates)
            .group_by(subjects.c.name)
            .order_by(subjects.c.name)
        )
        with self.database.reading() as connection:
            return pd.DataFrame(
                connection.execute(chosen).all(), columns=[column.key for column in chosen.selected_columns]
            )

    def note(self, actor: str, action: str, subject: str | None, outcome: str) -> None:
        """Add a line about something that changed no template, as a verification, to the log."""
        with self.database.writing() as connection:
            self._log(connection, actor, action, subject, None, outcome)

    def begin(self, actor: str, action: str) -> set[int]:
        """Note in the log that something in many steps begins, unless it was interrupted and goes on.

        Whoever begins notes ``done`` as its outcome at the end.

        Returns:
            The numbers of the records that have changed since it began.
        """
        latest = select(audit.c.id, audit.c.outcome).where(audit.c.action == action).order_by(audit.c.id.desc())
        with self.database.writing() as connection:
            line = connection.execute(latest.limit(1)).first()
            if line is None or line.outcome != "begun":
                self._log(connection, actor, action, None, None, "begun")
                return set()
            since = select(audit.c.number).where(audit.c.id > line.id, audit.c.number.is_not(None))
            return set(connection.scalars(since))

    def log(self) -> pd.DataFrame:
        """Return the log, oldest line first."""
        with self.database.reading() as connection:
            return pd.DataFrame(
                connection.execute(select(audit).order_by(audit.c.id)).mappings().all(), columns=audit.c.keys()
            )

    def changes(self, since: int) -> tuple[int, set[str]]:
        """Return the number of the log's last line, and the subjects whose templates changed after line ``since``."""
        with self.database.reading() as connection:
            last = connection.scalar(select(func.max(audit.c.id))) or 0
            later = select(audit.c.subject).distinct().where(audit.c.id > since, audit.c.number.is_not(None))
            return last, set(connection.scalars(later))

    def _revoke(self, connection: Connection, subject: str, actor: str) -> int:
        rows = connection.execute(_records(subject, State.ENROLLED)).all()
        self._move(connection, [row.id for row in rows], State.ENROLLED, State.REVOKED)
        for row in rows:
            self._log(connection, actor, "revoke", subject, row.number)
        return len(rows)

    def _insert(
        self, connection: Connection, owner: int, subject: str, template: Template, actor: str, action: str
    ) -> None:
        now = datetime.now(UTC)
        values = {"number": template.number, "model": template.model, "key_epoch": template.key_epoch}
        content = {"image": template.image, "vector": template.vector.astype("<f4").tobytes()}
        times = {"enrolled_at": now, "changed_at": now}
        connection.execute(insert(templates).values(subject=owner, state=State.ENROLLED, **values, **content, **times))
        self._log(connection, actor, action, subject, template.number)

    def _move(self, connection: Connection, ids: Sequence[int], old: State, new: State, **changes: None) -> int:
        moved = update(templates).where(templates.c.id.in_(ids), templates.c.state == old)
        return connection.execute(moved.values(state=new, changed_at=datetime.now(UTC), **changes)).rowcount

    def _log(
        self,
        connection: Connection,
        actor: str,
        action: str,
        subject: str | None,
        number: int | None,
        outcome: str = "done",
    ) -> None:
        line = {"actor": actor, "action": action, "subject": subject, "number": number, "outcome": outcome}
        connection.execute(insert(audit).values(at=datetime.now(UTC), **line))


def _enrolled() -> Select:
    columns = (templates.c[name] for name in ("number", "vector", "model", "key_epoch"))
    return select(templates.c.id, subjects.c.name, *columns).join(subjects).where(templates.c.state == State.ENROLLED)


def _of(subject: str, state: State = State.ENROLLED) -> tuple:
    return subjects.c.name == checked_name(subject), templates.c.state == state


def _records(subject: str, state: State) -> Select:
    return (
        select(templates.c.id, templates.c.number).join(subjects).where(*_of(subject, state)).order_by(templates.c.id)
    )


def _stored(row: Row) -> Stored:
    return Stored(row.id, row.name, row.number, np.frombuffer(row.vector, "<f4"), row.model, row.key_epoch)


def columns_of(stored: Sequence[Stored]) -> Columns:
    """Turn rows into columns."""
    ids, names, numbers, vectors, models, epochs = zip(*stored, strict=True)
    return Columns(ids, names, numbers, np.stack(vectors), models, epochs)


def _nobody(subject: str) -> InputError:
    return InputError(f"subject {subject}: has no enrolled template")


def _fail(error: InputError) -> int:
    raise error
