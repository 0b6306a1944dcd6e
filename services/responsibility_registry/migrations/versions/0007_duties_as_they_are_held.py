"""Duties with the posts that hold them, as the question who answers reads them: in one look."""

from alembic import op

revision = "0007"
down_revision = "0006"

_SCHEMA = "responsibility_registry"

# As its caller sees both tables: their policies hold behind it too.
_HELD = f"""CREATE VIEW {_SCHEMA}.duties_held WITH (security_invoker = true) AS
  SELECT d.id, d.post_id, d.area_code, d.sectors, d.role, d.categories, d.clause, d.valid_from, d.valid_to,
    p.vacant, p.substitute_post_id, p.name_zh, p.name_en, p.kind
  FROM {_SCHEMA}.duties d JOIN {_SCHEMA}.posts p ON p.id = d.post_id"""


def upgrade() -> None:
    """Create it."""
    op.execute(_HELD)
    op.execute(f"GRANT SELECT ON {_SCHEMA}.duties_held TO {_SCHEMA}_app")


def downgrade() -> None:
    """Drop what this one made."""
    op.execute(f"DROP VIEW {_SCHEMA}.duties_held")
