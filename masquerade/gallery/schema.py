"""The tables of a gallery; migrations/ makes them."""

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

LONGEST_NAME = 200
"""Characters of a subject's name."""

ID = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up only an INTEGER PRIMARY KEY


class State(StrEnum):
    """Of a template; it only ever moves on to the next one."""

    ENROLLED = "enrolled"
    REVOKED = "revoked"
    DELETED = "deleted"


metadata = MetaData(
    naming_convention={
        "uq": "uq_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s",
    }
)

subjects = Table(
    "subjects",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", String(LONGEST_NAME), nullable=False, unique=True),
)

templates = Table(
    "templates",
    metadata,
    Column("id", ID, primary_key=True),
    Column("subject", ForeignKey("subjects.id", name="fk_templates"), nullable=False, index=True),
    Column("number", BigInteger, nullable=False),  # of the record: its key is derived from it
    Column("state", String(8), nullable=False),
    Column("vector", LargeBinary),  # F(T), float32, a function of T alone: opening a gallery need not run F
    Column("model", String(64), nullable=False),  # digest of F and G
    Column("key_epoch", String(16), nullable=False),  # fingerprint of the master secret
    Column("enrolled_at", DateTime(timezone=True), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    # T, a .png file; gone once the template is deleted. The last column: SQLite reads the others without it.
    Column("image", LargeBinary),
    UniqueConstraint("subject", "number"),
    CheckConstraint("state IN ('enrolled', 'revoked', 'deleted')", "state"),
    CheckConstraint("(state = 'deleted') = (image IS NULL) AND (image IS NULL) = (vector IS NULL)", "content"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", ID, primary_key=True),  # in the order of the commits: writers wait for one another
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor", String(64), nullable=False),  # who asked: the user of the command, or the name of a token
    Column("action", String(16), nullable=False),
    Column("subject", String(LONGEST_NAME)),
    Column("number", BigInteger),
    Column("outcome", String(16), nullable=False),
)
