"""Alembic's entry: always runs on the connection that ``Database.migrate`` hands in."""

from alembic import context

from bot.storage.tables import Base

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Base.metadata, render_as_batch=True, transaction_per_migration=False
)
with context.begin_transaction():
    context.run_migrations()
