"""Organisations that posts belong to, coordinating bodies, and their meetings."""

from alembic import op

from libs.common.aggregates import AGGREGATE_DDL, aggregate_indexes
from libs.common.ddl.policies import OF_NO_SECTOR, reference_policy, scope_policy

revision = "0011"
down_revision = "0010"

_SCHEMA = "responsibility_registry"

# A parent may come in the same batch, after what stands under it: it is looked for when the transaction ends.
_ORGANIZATIONS = f"""CREATE TABLE {_SCHEMA}.organizations ({AGGREGATE_DDL},
  code text NOT NULL UNIQUE, name_zh text NOT NULL, name_en text NOT NULL, kind text NOT NULL, credit_code text,
  area_codes text[] NOT NULL, parent_id uuid REFERENCES {_SCHEMA}.organizations (id) DEFERRABLE INITIALLY DEFERRED,
  valid_from date NOT NULL, valid_to date, ended_reason text, CHECK (valid_to >= valid_from))"""

_BODIES = f"""CREATE TABLE {_SCHEMA}.bodies ({AGGREGATE_DDL},
  kind text NOT NULL, name_zh text NOT NULL, name_en text NOT NULL, document text NOT NULL,
  valid_from timestamptz NOT NULL, counted_from timestamptz NOT NULL, area_codes text[] NOT NULL,
  parent_id uuid REFERENCES {_SCHEMA}.bodies (id), valid_to timestamptz, seats jsonb NOT NULL,
  ended_at timestamptz, ended_reason text, look_at timestamptz, CHECK (valid_to > valid_from),
  CHECK (kind <> 'task_force' OR valid_to IS NOT NULL))"""
_MEETINGS = f"""CREATE TABLE {_SCHEMA}.meetings ({AGGREGATE_DDL},
  body_id uuid NOT NULL REFERENCES {_SCHEMA}.bodies (id), kind text NOT NULL, title text NOT NULL,
  agenda text NOT NULL, place text NOT NULL, planned_at timestamptz NOT NULL, state text NOT NULL,
  held_at timestamptz, chaired_by uuid REFERENCES {_SCHEMA}.posts (id), attended uuid[] NOT NULL,
  run_by uuid[] NOT NULL, minutes jsonb NOT NULL, decisions jsonb NOT NULL, cancelled_reason text,
  CHECK ((state = 'held') = (held_at IS NOT NULL AND chaired_by IS NOT NULL)))"""
# A body is told of one missing meeting once before and once after its time is over: the database holds that too.
_REMINDERS = f"""CREATE TABLE {_SCHEMA}.meeting_reminders ({AGGREGATE_DDL},
  body_id uuid NOT NULL REFERENCES {_SCHEMA}.bodies (id), year integer NOT NULL, number integer NOT NULL,
  missed boolean NOT NULL, told_at timestamptz NOT NULL, UNIQUE (body_id, year, number, missed))"""


def upgrade() -> None:
    """Create it empty; posts that say their organisation by name only go on doing so."""
    for statement in (
        _ORGANIZATIONS,
        *aggregate_indexes(_SCHEMA, "organizations"),
        f"CREATE INDEX ON {_SCHEMA}.organizations (parent_id)",
        f"CREATE INDEX ON {_SCHEMA}.organizations USING gin (area_codes)",
        *reference_policy(_SCHEMA, "organizations"),
        f"ALTER TABLE {_SCHEMA}.posts ADD COLUMN organization_id uuid REFERENCES {_SCHEMA}.organizations (id)",
        f"ALTER TABLE {_SCHEMA}.posts ADD COLUMN first_responsible boolean NOT NULL DEFAULT false",
        f"CREATE INDEX ON {_SCHEMA}.posts (organization_id) WHERE organization_id IS NOT NULL",
        _BODIES,
        *aggregate_indexes(_SCHEMA, "bodies"),
        f"CREATE INDEX ON {_SCHEMA}.bodies (parent_id)",
        f"CREATE INDEX ON {_SCHEMA}.bodies USING gin (seats jsonb_path_ops)",
        f"CREATE INDEX ON {_SCHEMA}.bodies (valid_to) WHERE ended_at IS NULL AND valid_to IS NOT NULL",
        f"CREATE INDEX ON {_SCHEMA}.bodies (look_at) WHERE ended_at IS NULL",
        *reference_policy(_SCHEMA, "bodies"),
        _MEETINGS,
        *aggregate_indexes(_SCHEMA, "meetings"),
        f"CREATE INDEX ON {_SCHEMA}.meetings (body_id, held_at)",
        f"CREATE INDEX ON {_SCHEMA}.meetings (planned_at DESC, id DESC)",
        *scope_policy(_SCHEMA, "meetings", sectorless=OF_NO_SECTOR),
        _REMINDERS,
        *aggregate_indexes(_SCHEMA, "meeting_reminders"),
        *scope_policy(_SCHEMA, "meeting_reminders", sectorless=OF_NO_SECTOR),
    ):
        op.execute(statement)


def downgrade() -> None:
    """Drop what this one made."""
    for table in ("meeting_reminders", "meetings", "bodies"):
        op.execute(f"DROP TABLE {_SCHEMA}.{table}")
    op.execute(f"ALTER TABLE {_SCHEMA}.posts DROP COLUMN first_responsible, DROP COLUMN organization_id")
    op.execute(f"DROP TABLE {_SCHEMA}.organizations")
