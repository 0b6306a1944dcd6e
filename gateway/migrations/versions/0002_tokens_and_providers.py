"""Clients that can keep no secret."""

from alembic import op

from gateway.identity.model import public_clients_ddl

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SCHEMA = "gateway"


def upgrade() -> None:
    """Create what is new."""
    run = op.get_bind().exec_driver_sql  # as it stands: the statements hold colons that are no parameters
    for statement in public_clients_ddl(SCHEMA):
        run(statement)


def downgrade() -> None:
    """Take away what is new."""
    run = op.get_bind().exec_driver_sql
    run(f"DELETE FROM {SCHEMA}.clients WHERE public")
    run(f"ALTER TABLE {SCHEMA}.clients DROP COLUMN public")
