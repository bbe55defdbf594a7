"""The gallery: the templates of the people a system knows, in SQL. Never a picture, never F(X).

- schema: the tables
- connection: SQLite or PostgreSQL, transactions, errors as sentences
- store: enrolled → revoked → deleted
- migrations: how the tables came to be (Alembic)
"""
