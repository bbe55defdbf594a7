"""What Alembic runs: the migrations on the connection, and in the transaction, that it is given."""

from alembic import context

from masquerade.gallery.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=False)
context.run_migrations()
