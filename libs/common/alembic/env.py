"""The alembic environment that every service shares; `upgrade.py` hands it a connection and a schema."""

from alembic import context
from sqlalchemy import Connection

connection: Connection = context.config.attributes["connection"]
schema: str = context.config.attributes["schema"]

context.configure(
    connection=connection,
    # The owner's search path begins with its schema, so migrations may leave the schema out.
    version_table_schema=schema,
    include_schemas=False,
    # Each migration stands or falls alone: a failing one keeps its predecessors.
    transaction_per_migration=True,
    target_metadata=context.config.attributes.get("metadata"),
)
with context.begin_transaction():
    context.run_migrations()
