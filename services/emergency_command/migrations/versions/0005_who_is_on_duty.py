"""The copies of shifts and contacts: who is on duty and how to reach them, also when the registry is away."""

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

_CONTACTS = f"""CREATE TABLE {_SCHEMA}.contact_copies (
  id uuid PRIMARY KEY, version integer NOT NULL, stated_in uuid, post_id uuid NOT NULL,
  area_code text COLLATE "C" NOT NULL, ways jsonb NOT NULL)"""


def upgrade() -> None:
    """Create them empty: the registry states its rows when it is asked."""
    every = "SELECT, INSERT, UPDATE, DELETE"
    for statement in (
        _SHIFTS,
        f"CREATE INDEX ON {_SCHEMA}.shift_copies (area_code, ends_at) WHERE NOT cancelled",
        *reference_policy(_SCHEMA, "shift_copies", grants=every),
        _CONTACTS,
        f"CREATE INDEX ON {_SCHEMA}.contact_copies (post_id)",
        *reference_policy(_SCHEMA, "contact_copies", grants=every),
    ):
        op.execute(statement)


def downgrade() -> None:
    """Take them away."""
    op.execute(f"DROP TABLE {_SCHEMA}.contact_copies")
    op.execute(f"DROP TABLE {_SCHEMA}.shift_copies")
