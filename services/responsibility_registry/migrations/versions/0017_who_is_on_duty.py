"""Rosters, the shifts that come of them, swaps, gaps in cover; and how posts are reached."""

from alembic import op

from libs.common.aggregates import AGGREGATE_DDL, aggregate_indexes
from libs.common.ddl.policies import OF_NO_SECTOR, scope_policy

revision = "0017"
down_revision = "0016"

_SCHEMA = "responsibility_registry"
_TABLES = ("rosters", "shifts", "shift_swaps", "shift_gaps", "contacts")
_ROSTERS = f"""CREATE TABLE {_SCHEMA}.rosters ({AGGREGATE_DDL},
  kind text NOT NULL, name text NOT NULL, place text NOT NULL, stands_for text NOT NULL, party_id uuid,
  plans jsonb NOT NULL, published_to date NOT NULL,
  policy_version text NOT NULL, ended_at timestamptz, ended_reason text, look_at timestamptz,
  CHECK ((stands_for = 'room') = (party_id IS NULL)))"""
# Nobody stands two exclusive shifts at a time: the database itself refuses it. Two shifts that change hands are
# written one after the other, so the constraint may wait within a transaction.
_SHIFTS = f"""CREATE TABLE {_SCHEMA}.shifts ({AGGREGATE_DDL},
  roster_id uuid NOT NULL REFERENCES {_SCHEMA}.rosters (id), roster_kind text NOT NULL, roster_name text NOT NULL,
  place text NOT NULL, rota text NOT NULL, role text NOT NULL, day date NOT NULL, begins_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL, CHECK (ends_at > begins_at AND ends_at <= begins_at + interval '36 hours'),
  post_id uuid NOT NULL REFERENCES {_SCHEMA}.posts (id),
  subject text, person text NOT NULL, exclusive boolean NOT NULL, provisional boolean NOT NULL, state text NOT NULL,
  reason text NOT NULL, hand_over jsonb,
  CONSTRAINT person_on_duty EXCLUDE USING gist (person WITH =, tstzrange(begins_at, ends_at) WITH &&)
    WHERE (exclusive AND state <> 'cancelled') DEFERRABLE INITIALLY IMMEDIATE)"""
_SWAPS = f"""CREATE TABLE {_SCHEMA}.shift_swaps ({AGGREGATE_DDL},
  roster_id uuid NOT NULL REFERENCES {_SCHEMA}.rosters (id),
  shift_id uuid NOT NULL REFERENCES {_SCHEMA}.shifts (id), from_post_id uuid NOT NULL, from_subject text,
  with_shift_id uuid REFERENCES {_SCHEMA}.shifts (id), to_post_id uuid NOT NULL, to_subject text,
  needs_approval boolean NOT NULL, state text NOT NULL, reason text NOT NULL, asked_at timestamptz NOT NULL,
  decided_reason text NOT NULL, decided_at timestamptz)"""
_GAPS = f"""CREATE TABLE {_SCHEMA}.shift_gaps ({AGGREGATE_DDL},
  roster_id uuid NOT NULL REFERENCES {_SCHEMA}.rosters (id), roster_name text NOT NULL, rota text NOT NULL,
  role text NOT NULL, day date NOT NULL, begins_at timestamptz NOT NULL, ends_at timestamptz NOT NULL,
  missing integer NOT NULL CHECK (missing > 0), why text NOT NULL, opened_at timestamptz NOT NULL,
  closed_at timestamptz)"""

_CONTACTS = f"""CREATE TABLE {_SCHEMA}.contacts ({AGGREGATE_DDL},
  post_id uuid NOT NULL UNIQUE REFERENCES {_SCHEMA}.posts (id), ways jsonb NOT NULL)"""


def upgrade() -> None:
    """Create them empty."""
    made = [_ROSTERS, _SHIFTS, _SWAPS, _GAPS, _CONTACTS]
    for table in _TABLES:
        made += aggregate_indexes(_SCHEMA, table)
        made += scope_policy(_SCHEMA, table, sectorless=OF_NO_SECTOR)
    for statement in (
        *made,
        f"CREATE INDEX ON {_SCHEMA}.rosters (look_at, id) WHERE look_at IS NOT NULL",
        f"CREATE INDEX ON {_SCHEMA}.shifts (roster_id, begins_at)",
        f"CREATE INDEX ON {_SCHEMA}.shifts (post_id, begins_at)",
        f"CREATE INDEX ON {_SCHEMA}.shifts (person, begins_at) WHERE exclusive AND state <> 'cancelled'",
        f"CREATE INDEX ON {_SCHEMA}.shifts (begins_at, area_code) WHERE state <> 'cancelled'",
        f"CREATE INDEX ON {_SCHEMA}.shift_swaps (shift_id)",
        # A shift is given away once at a time.
        f"CREATE UNIQUE INDEX one_live_swap ON {_SCHEMA}.shift_swaps (shift_id) WHERE state IN ('asked', 'accepted')",
        f"CREATE UNIQUE INDEX one_open_shift_gap ON {_SCHEMA}.shift_gaps (roster_id, rota, begins_at, ends_at)"
        " WHERE closed_at IS NULL",
    ):
        op.execute(statement)


def downgrade() -> None:
    """Drop them."""
    for table in reversed(_TABLES):
        op.execute(f"DROP TABLE {_SCHEMA}.{table}")
