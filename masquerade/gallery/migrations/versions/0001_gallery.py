"""Subjects, templates and a log that only grows."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "subjects",
        sa.Column("id", ID, primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.UniqueConstraint("name", name="uq_subjects"),
    )
    op.create_table(
        "templates",
        sa.Column("id", ID, primary_key=True),
        sa.Column("subject", ID, sa.ForeignKey("subjects.id", name="fk_templates"), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("vector", sa.LargeBinary),
        sa.Column("model", sa.String(64), nullable=False),
        sa.Column("key_epoch", sa.String(16), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("image", sa.LargeBinary),
        sa.UniqueConstraint("subject", "number", name="uq_templates"),
        sa.CheckConstraint("state IN ('enrolled', 'revoked', 'deleted')", name="ck_templates_state"),
        sa.CheckConstraint(
            "(state = 'deleted') = (image IS NULL) AND (image IS NULL) = (vector IS NULL)",
            name="ck_templates_content",
        ),
    )
    op.create_index("ix_templates", "templates", ["subject"])
    op.create_table(
        "audit",
        sa.Column("id", ID, primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("subject", sa.String(200)),
        sa.Column("number", sa.BigInteger),
        sa.Column("outcome", sa.String(16), nullable=False),
    )
    for statement in LOG_ONLY_GROWS[op.get_bind().dialect.name]:
        op.execute(statement)


LOG_ONLY_GROWS = {
    "sqlite": [
        f"CREATE TRIGGER audit_{verb} BEFORE {verb.upper()} ON audit "
        "BEGIN SELECT RAISE(ABORT, 'the log only grows'); END"
        for verb in ("update", "delete")
    ],
    "postgresql": [
        "CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the log only grows'; END $$",
        "CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()",
    ],
}
