"""The copy of shifts: who is on duty is known here also when the registry is away."""

from alembic import op

from libs.common.ddl.policies import reference_policy

revision = "0005"
down_revision = "0004"

_SCHEMA = "emergency_command"
_SHIFTS = f"""CREATE TABLE {_SCHEMA}.shift_copies (
  id uuid PRIMARY KEY, version integer NOT NULL, stated_in uuid, roster_id uuid NOT NULL, roster_kind text NOT NULL,
  roster_name text NOT NULL, place text NOT NULL, role text NOT NULL, area_code text COLLATE "C" NOT NULL,
  post_id uuid NOT NULL, subject text, begins_at timestamptz NOT NULL, ends_at timestamptz NOT NULL,
  cancelled boolean NOT NULL)"""


def upgrade() -> None:
    """Create it empty: the registry states its shifts when it is asked."""
    every = "SELECT, INSERT, UPDATE, DELETE"
    for statement in (
        _SHIFTS,
        f"CREATE INDEX ON {_SCHEMA}.shift_copies (area_code, ends_at) WHERE NOT cancelled",
        *reference_policy(_SCHEMA, "shift_copies", grants=every),
    ):
        op.execute(statement)


def downgrade() -> None:
    """Take it away."""
    op.execute(f"DROP TABLE {_SCHEMA}.shift_copies")
