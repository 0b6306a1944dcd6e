"""Webhooks, their secrets and lanes, and every message with its tries."""

from alembic import op

from gateway.webhooks.model import webhooks_ddl

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SCHEMA = "gateway"


def upgrade() -> None:
    """Create them, empty."""
    run = op.get_bind().exec_driver_sql
    for statement in webhooks_ddl(SCHEMA):
        run(statement)


def downgrade() -> None:
    """Drop them: nobody is told anything any more, and nothing else is lost."""
    run = op.get_bind().exec_driver_sql
    for table in ("webhook_attempts", "webhook_deliveries", "webhook_lanes", "webhook_secrets", "webhooks"):
        run(f"DROP TABLE {SCHEMA}.{table}")
