"""A session knows which apps a holder of a separated office has confirmed in it."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SCHEMA = "gateway"


def upgrade() -> None:
    """Add the column; in a session from before nothing was confirmed."""
    op.get_bind().exec_driver_sql(
        f"ALTER TABLE {SCHEMA}.sessions ADD COLUMN confirmed text[] NOT NULL DEFAULT '{{}}'"
    )


def downgrade() -> None:
    """Drop it."""
    op.get_bind().exec_driver_sql(f"ALTER TABLE {SCHEMA}.sessions DROP COLUMN confirmed")
