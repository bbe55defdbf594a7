"""Bring a database to the tables of schema.py, step by step, with Alembic."""

from pathlib import Path

from sqlalchemy import inspect, text

from masquerade.errors import InputError
from masquerade.gallery.connection import Database

NEWEST = "0001"
"""Revision of schema.py: Alembic, which takes a third of a second to import, is needed only where it is missing."""


def upgrade(database: Database, create: bool = True) -> None:
    """Apply what is missing.

    Args:
        create: give an empty database its tables.

    Raises:
        InputError: the gallery was made by a newer version, or the database is empty or belongs to something else.
    """
    with database.reading() as connection:
        tables = set(inspect(connection).get_table_names())
        found = (
            connection.scalar(text("SELECT version_num FROM alembic_version")) if "alembic_version" in tables else None
        )
    if found == NEWEST:
        return
    if found is None and tables:
        raise InputError(f"gallery {database.name}: the database holds other tables than a gallery's")
    if found is None and not create:
        raise InputError(f"gallery {database.name}: the database is empty")
    if found is not None and found > NEWEST:
        raise InputError(f"gallery {database.name}: was made by a newer version of masquerade ({found}, not {NEWEST})")
    from alembic import command
    from alembic.config import Config

    with database.writing() as connection:  # one process after the other: the second finds nothing to do
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
