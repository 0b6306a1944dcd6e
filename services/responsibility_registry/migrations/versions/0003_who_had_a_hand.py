"""Orders keep who had a hand in them as persons too, and posts are looked up by who holds them."""

from alembic import op

revision = "0003"
down_revision = "0002"

_SCHEMA = "responsibility_registry"


def upgrade() -> None:
    """Orders of before know their posts only; the release before writes none."""
    op.execute(f"ALTER TABLE {_SCHEMA}.orders ADD COLUMN hand_subjects text[] NOT NULL DEFAULT '{{}}'")
    op.execute(f"CREATE INDEX access_grants_by_post ON {_SCHEMA}.access_grants USING gin (posts)")


def downgrade() -> None:
    """Drop what this one made."""
    op.execute(f"DROP INDEX {_SCHEMA}.access_grants_by_post")
    op.execute(f"ALTER TABLE {_SCHEMA}.orders DROP COLUMN hand_subjects")
