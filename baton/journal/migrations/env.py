"""Runs the migrations on the connection, and in the transaction, of the caller."""

from alembic import context
from sqlalchemy import Connection

from baton.journal.schema import metadata

connection: Connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
