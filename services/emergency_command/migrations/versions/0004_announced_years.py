"""The copy of announced years, and the report clocks that wait for one."""

from alembic import op

from libs.common.ddl.policies import reference_policy

revision = "0004"
down_revision = "0003"

_SCHEMA = "emergency_command"

_YEARS = f"""CREATE TABLE {_SCHEMA}.calendar_year_copies (
  id uuid PRIMARY KEY, version integer NOT NULL, stated_in uuid, year integer NOT NULL, days jsonb NOT NULL,
  source text NOT NULL)"""
_PROVISIONAL = f"""CREATE INDEX report_clocks_provisional ON {_SCHEMA}.report_clocks (due_at)
  WHERE provisional AND done_at IS NULL AND void_reason = ''"""


def upgrade() -> None:
    """Create both."""
    every = "SELECT, INSERT, UPDATE, DELETE"
    for statement in (_YEARS, *reference_policy(_SCHEMA, "calendar_year_copies", grants=every), _PROVISIONAL):
        op.execute(statement)


def downgrade() -> None:
    """Take them away; what was recounted stays."""
    op.execute(f"DROP INDEX {_SCHEMA}.report_clocks_provisional")
    op.execute(f"DROP TABLE {_SCHEMA}.calendar_year_copies")
