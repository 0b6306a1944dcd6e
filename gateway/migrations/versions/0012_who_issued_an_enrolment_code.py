"""An enrolment code knows who issued it, so that it opens no more than they may open when it is used."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SCHEMA = "gateway"


def upgrade() -> None:
    """Add the column; a code from before has no issuer and counts no more: its person is invited again."""
    op.get_bind().exec_driver_sql(f"ALTER TABLE {SCHEMA}.person_secrets ADD COLUMN invited_by text")


def downgrade() -> None:
    """Drop it."""
    op.get_bind().exec_driver_sql(f"ALTER TABLE {SCHEMA}.person_secrets DROP COLUMN invited_by")
