"""What apps still have of a person is found at once, so that a new password ends it."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

SCHEMA = "gateway"


def upgrade() -> None:
    """Add the index."""
    op.get_bind().exec_driver_sql(
        f"CREATE INDEX authorizations_open_of_person ON {SCHEMA}.authorizations (person, id) WHERE ended_at IS NULL"
    )


def downgrade() -> None:
    """Drop it."""
    op.get_bind().exec_driver_sql(f"DROP INDEX {SCHEMA}.authorizations_open_of_person")
