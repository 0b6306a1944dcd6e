"""A ticket of an event stream knows with which token it was made, so that it ends with it."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SCHEMA = "gateway"


def upgrade() -> None:
    """Add the column; a ticket from before is worth a minute, and names no token."""
    op.get_bind().exec_driver_sql(f"ALTER TABLE {SCHEMA}.feed_tickets ADD COLUMN jti text NOT NULL DEFAULT ''")


def downgrade() -> None:
    """Drop it."""
    op.get_bind().exec_driver_sql(f"ALTER TABLE {SCHEMA}.feed_tickets DROP COLUMN jti")
