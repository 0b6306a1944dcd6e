"""Whose warning it is: a source id is the sender's own, and no other sender can use it up."""

from alembic import op

revision = "0003"
down_revision = "0002"

_WARNINGS = "risk_grading.warnings"


def upgrade() -> None:
    """Add the sender to the name of a warning; who sent the ones before was not kept."""
    op.execute(f"ALTER TABLE {_WARNINGS} ADD COLUMN sent_by text NOT NULL DEFAULT ''")
    op.execute(f"ALTER TABLE {_WARNINGS} DROP CONSTRAINT warnings_source_source_id_key")
    op.execute(f"ALTER TABLE {_WARNINGS} ADD CONSTRAINT one_warning_a_source_id UNIQUE (sent_by, source, source_id)")


def downgrade() -> None:
    """Take it away; refused where two senders have used one id since."""
    op.execute(f"ALTER TABLE {_WARNINGS} DROP CONSTRAINT one_warning_a_source_id")
    op.execute(f"ALTER TABLE {_WARNINGS} ADD CONSTRAINT warnings_source_source_id_key UNIQUE (source, source_id)")
    op.execute(f"ALTER TABLE {_WARNINGS} DROP COLUMN sent_by")
