"""When an order that nobody has was last tried to be given to somebody: a sweep goes on where it stopped."""

from alembic import op

revision = "0006"
down_revision = "0005"

_SCHEMA = "responsibility_registry"


def upgrade() -> None:
    """Orders of before count as never tried; the release before writes none."""
    op.execute(f"ALTER TABLE {_SCHEMA}.orders ADD COLUMN tried_at timestamptz")
    op.execute(
        f"CREATE INDEX orders_unassigned ON {_SCHEMA}.orders (tried_at NULLS FIRST) WHERE state = 'unassigned'"
    )


def downgrade() -> None:
    """Drop what this one made."""
    op.execute(f"ALTER TABLE {_SCHEMA}.orders DROP COLUMN tried_at")
