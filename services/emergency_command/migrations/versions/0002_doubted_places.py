"""What an alarm said of its area where its place says otherwise."""

from alembic import op

revision = "0002"
down_revision = "0001"

_ALARMS = "emergency_command.alarms"


def upgrade() -> None:
    """Add the two columns."""
    op.execute(f"ALTER TABLE {_ALARMS} ADD COLUMN area_told text, ADD COLUMN area_doubt text NOT NULL DEFAULT ''")


def downgrade() -> None:
    """Take them away."""
    op.execute(f"ALTER TABLE {_ALARMS} DROP COLUMN area_told, DROP COLUMN area_doubt")
