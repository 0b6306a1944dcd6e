"""The log of the event feed, where it stands, and tickets for browsers."""

from alembic import op

from gateway.feed.model import feed_ddl

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SCHEMA = "gateway"


def upgrade() -> None:
    """Create the log, empty: it begins with what the streams still hold."""
    run = op.get_bind().exec_driver_sql
    for statement in feed_ddl(SCHEMA):
        run(statement)


def downgrade() -> None:
    """Drop the log, and forget what its consumers have heard: it is filled from the streams when it is back."""
    run = op.get_bind().exec_driver_sql
    for table in ("feed_events", "feed_state", "feed_tickets"):
        run(f"DROP TABLE {SCHEMA}.{table}")
    # Also its owner sees these rows under a named scope only.
    run("SELECT set_config('shoutu.system', 'migration 0003', true)")
    for table in ("inbox", "heard_versions"):
        run(f"DELETE FROM {SCHEMA}.{table} WHERE starts_with(consumer, 'gateway-keeps-')")
