"""The plumbing; alarms, incidents, dispatches, leaders' calls, teams, reviews; and the copies of areas and posts."""

from alembic import op

from libs.common.aggregates import AGGREGATE_DDL, aggregate_indexes
from libs.common.ddl.plumbing import plumbing_ddl, schema_emptied
from libs.common.ddl.policies import child_policy, reference_policy, scope_policy, system_policy

revision = "0001"
down_revision = None

_SCHEMA = "emergency_command"

_TEAMS = f"""CREATE TABLE {_SCHEMA}.teams ({AGGREGATE_DDL},
  name text NOT NULL, kind text NOT NULL, capabilities text[] NOT NULL, lon double precision NOT NULL,
  lat double precision NOT NULL, turnout text NOT NULL, status text NOT NULL, claimed_by uuid, reason text NOT NULL,
  CONSTRAINT claimed_by_one_dispatch CHECK ((status = 'claimed') = (claimed_by IS NOT NULL)))"""

# A row for each thing that a free team can do. Equality on what and on the kind of team, then order by distance:
# one index walks the nearest first, whatever else stands around.
_SKILLS = f"""CREATE TABLE {_SCHEMA}.team_skills (
  team_id uuid NOT NULL REFERENCES {_SCHEMA}.teams (id), capability text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL, spot point NOT NULL, PRIMARY KEY (team_id, capability))"""

_INCIDENTS = f"""CREATE TABLE {_SCHEMA}.incidents ({AGGREGATE_DDL},
  code text NOT NULL UNIQUE, kind text COLLATE "C" NOT NULL, lon double precision NOT NULL,
  lat double precision NOT NULL, place_words text NOT NULL, risk_object_id uuid, state text NOT NULL,
  occurred_at timestamptz NOT NULL, clock_zero_at timestamptz NOT NULL, unit_learned_at timestamptz,
  controlled_at timestamptz, ended_at timestamptz, reviewed_at timestamptz,
  level_ordinal integer NOT NULL CHECK (level_ordinal BETWEEN 1 AND 4), scale text NOT NULL,
  level_since_at timestamptz NOT NULL, casualties jsonb NOT NULL, loss_fen bigint NOT NULL,
  production_related text NOT NULL, grade_policy text NOT NULL, linked uuid[] NOT NULL)"""

_SIGNS = f"""CREATE TABLE {_SCHEMA}.incident_signs (
  incident_id uuid NOT NULL REFERENCES {_SCHEMA}.incidents (id), alarm_id uuid NOT NULL, source text NOT NULL,
  source_system text NOT NULL, source_id text NOT NULL, kind text NOT NULL, words text NOT NULL,
  sign_at timestamptz NOT NULL, received_at timestamptz NOT NULL, left_at timestamptz,
  PRIMARY KEY (incident_id, alarm_id))"""

_CLOCKS = f"""CREATE TABLE {_SCHEMA}.report_clocks (
  id uuid PRIMARY KEY, incident_id uuid NOT NULL REFERENCES {_SCHEMA}.incidents (id), key text NOT NULL,
  zh text NOT NULL, en text NOT NULL, by text NOT NULL, "to" text NOT NULL, also_to text[] NOT NULL, tells text,
  "window" boolean NOT NULL, start_at timestamptz NOT NULL, due_at timestamptz NOT NULL, provisional boolean NOT NULL,
  calendar_version text NOT NULL, done_at timestamptz, told text NOT NULL, void_reason text NOT NULL,
  policy_version text NOT NULL, source text NOT NULL, reminded_at timestamptz)"""

_REGRADES = f"""CREATE TABLE {_SCHEMA}.regrades (
  incident_id uuid NOT NULL REFERENCES {_SCHEMA}.incidents (id), version integer NOT NULL, at timestamptz NOT NULL,
  casualties jsonb NOT NULL, loss_fen bigint NOT NULL, before_ordinal integer NOT NULL,
  after_ordinal integer NOT NULL, decided_by text[] NOT NULL, policy text NOT NULL, policy_version text NOT NULL,
  in_window boolean NOT NULL,
  PRIMARY KEY (incident_id, version))"""

_REPORT_REMINDERS = f"""CREATE TABLE {_SCHEMA}.report_reminders ({AGGREGATE_DDL},
  incident_id uuid NOT NULL REFERENCES {_SCHEMA}.incidents (id), key text NOT NULL, due_at timestamptz NOT NULL,
  told_at timestamptz NOT NULL)"""

_NUMBERS = f"""CREATE TABLE {_SCHEMA}.incident_numbers (
  county text NOT NULL, day date NOT NULL, last integer NOT NULL, PRIMARY KEY (county, day))"""

_SHORTAGES = f"""CREATE TABLE {_SCHEMA}.team_shortages (
  incident_id uuid PRIMARY KEY REFERENCES {_SCHEMA}.incidents (id), needs jsonb NOT NULL, since timestamptz NOT NULL,
  tried_at timestamptz NOT NULL)"""

_REQUESTS = f"""CREATE TABLE {_SCHEMA}.review_requests (
  incident_id uuid PRIMARY KEY REFERENCES {_SCHEMA}.incidents (id), asked_at timestamptz NOT NULL)"""

# No foreign keys between slices: a key's check locks the other slice's row, in an order that its verbs do not know.
_DISPATCHES = f"""CREATE TABLE {_SCHEMA}.dispatches ({AGGREGATE_DDL},
  incident_id uuid NOT NULL, scene jsonb NOT NULL, team_id uuid NOT NULL, team_kind text NOT NULL,
  capability text NOT NULL, mode text NOT NULL, state text NOT NULL, distance_m integer NOT NULL,
  travel_seconds integer NOT NULL,
  sent_at timestamptz NOT NULL, acknowledged_at timestamptz, departed_at timestamptz, arrived_at timestamptz,
  closed_at timestamptz, reason text NOT NULL, clocks jsonb NOT NULL, policy_version text NOT NULL)"""

_DISPATCH_REMINDERS = f"""CREATE TABLE {_SCHEMA}.dispatch_reminders ({AGGREGATE_DDL},
  dispatch_id uuid NOT NULL UNIQUE REFERENCES {_SCHEMA}.dispatches (id), due_at timestamptz NOT NULL,
  told_at timestamptz NOT NULL)"""

_CALLS = f"""CREATE TABLE {_SCHEMA}.leader_calls ({AGGREGATE_DDL},
  incident_id uuid NOT NULL, lon double precision NOT NULL,
  lat double precision NOT NULL, place_words text NOT NULL, post_id uuid, stands_in_for uuid, post_kind text NOT NULL,
  tier text NOT NULL, row_at_least integer NOT NULL, state text NOT NULL, called_at timestamptz NOT NULL,
  acknowledged_at timestamptz, arrived_at timestamptz, arrived_by text, distance_m integer, witness_post uuid,
  excused_at timestamptz, reason text NOT NULL, source text NOT NULL, policy_version text NOT NULL,
  UNIQUE (incident_id, post_kind))"""

_ALARMS = f"""CREATE TABLE {_SCHEMA}.alarms ({AGGREGATE_DDL},
  source text NOT NULL, source_system text NOT NULL, source_id text NOT NULL, kind text NOT NULL,
  lon double precision NOT NULL, lat double precision NOT NULL, device text, zone text, risk_object_id uuid,
  linked_group text[] NOT NULL, words text NOT NULL, occurred_at timestamptz NOT NULL,
  received_at timestamptz NOT NULL, state text NOT NULL, confirmed_at timestamptz, confirmed_by text,
  incident_id uuid, split_from uuid[] NOT NULL,
  reason text NOT NULL, CONSTRAINT one_alarm_a_source_id UNIQUE (source_system, source_id),
  CONSTRAINT attached_to_one CHECK ((state = 'attached') = (incident_id IS NOT NULL)))"""

_ALARM_REMINDERS = f"""CREATE TABLE {_SCHEMA}.alarm_reminders ({AGGREGATE_DDL},
  alarm_id uuid NOT NULL UNIQUE REFERENCES {_SCHEMA}.alarms (id), due_at timestamptz NOT NULL,
  told_at timestamptz NOT NULL)"""

_REVIEWS = f"""CREATE TABLE {_SCHEMA}.reviews ({AGGREGATE_DDL},
  incident_id uuid NOT NULL UNIQUE, state text NOT NULL,
  opened_at timestamptz NOT NULL, findings jsonb NOT NULL, lessons jsonb NOT NULL, conclusion text NOT NULL,
  completed_at timestamptz)"""

_AREAS = f"""CREATE TABLE {_SCHEMA}.area_copies (
  id uuid PRIMARY KEY, version integer NOT NULL, stated_in uuid, code text COLLATE "C" NOT NULL, name text NOT NULL,
  level text NOT NULL, parent_code text, valid_from date NOT NULL, valid_to date, shape text)"""

_POSTS = f"""CREATE TABLE {_SCHEMA}.post_copies (
  id uuid PRIMARY KEY, version integer NOT NULL, stated_in uuid, code text NOT NULL, name_zh text NOT NULL,
  name_en text NOT NULL, kind text NOT NULL, tier text NOT NULL, area_code text COLLATE "C" NOT NULL,
  sectors text[] NOT NULL, organization text NOT NULL, vacant boolean NOT NULL, substitute_post_id uuid)"""

_LIVE = "('dispatched', 'requested', 'acknowledged', 'departed', 'arrived')"


def _aggregate(ddl: str, table: str, *indexes: str) -> list[str]:
    return [
        ddl,
        *aggregate_indexes(_SCHEMA, table),
        *(f"CREATE {index}" for index in indexes),
        *scope_policy(_SCHEMA, table),
    ]


def _child(ddl: str, table: str) -> list[str]:
    return [ddl, *child_policy(_SCHEMA, table, parent="incidents", key="incident_id")]


def _aggregates() -> list[str]:
    return [
        *_aggregate(_TEAMS, "teams", f"INDEX ON {_SCHEMA}.teams (kind, status)"),
        *_aggregate(
            _INCIDENTS,
            "incidents",
            f"INDEX ON {_SCHEMA}.incidents (clock_zero_at DESC, id DESC)",
            f"INDEX ON {_SCHEMA}.incidents (lat, lon)",
        ),
        *_aggregate(_REPORT_REMINDERS, "report_reminders"),
        *_aggregate(
            _DISPATCHES,
            "dispatches",
            f"INDEX ON {_SCHEMA}.dispatches (sent_at DESC, id DESC)",
            f"INDEX ON {_SCHEMA}.dispatches (incident_id, sent_at)",
            f"INDEX ON {_SCHEMA}.dispatches (sent_at) WHERE state IN ('dispatched', 'requested')",
            # What the claim promises, the database holds: an own team is on its way to one place at a time.
            f"UNIQUE INDEX one_way_at_a_time ON {_SCHEMA}.dispatches (team_id)"
            f" WHERE mode = 'dispatched' AND state IN {_LIVE} AND NOT exercise",
            f"UNIQUE INDEX asked_once ON {_SCHEMA}.dispatches (incident_id, team_id) WHERE state IN {_LIVE}",
        ),
        *_aggregate(_DISPATCH_REMINDERS, "dispatch_reminders"),
        *_aggregate(
            _CALLS,
            "leader_calls",
            f"INDEX ON {_SCHEMA}.leader_calls (called_at DESC, id DESC)",
            f"INDEX ON {_SCHEMA}.leader_calls (post_id)",
        ),
        *_aggregate(
            _ALARMS,
            "alarms",
            f"INDEX ON {_SCHEMA}.alarms (received_at DESC, id DESC)",
            f"INDEX ON {_SCHEMA}.alarms (incident_id)",
            f"INDEX ON {_SCHEMA}.alarms (received_at) WHERE state = 'received'",
        ),
        *_aggregate(_ALARM_REMINDERS, "alarm_reminders"),
        *_aggregate(_REVIEWS, "reviews", f"INDEX ON {_SCHEMA}.reviews (opened_at DESC, id DESC)"),
    ]


def _parts() -> list[str]:
    return [
        *_child(_SIGNS, "incident_signs"),
        *_child(_CLOCKS, "report_clocks"),
        f"CREATE UNIQUE INDEX ON {_SCHEMA}.report_clocks (incident_id, key) WHERE void_reason = ''",
        f"CREATE INDEX ON {_SCHEMA}.report_clocks (incident_id, due_at)",
        f"CREATE INDEX ON {_SCHEMA}.report_clocks (due_at) WHERE done_at IS NULL AND reminded_at IS NULL",
        *_child(_REGRADES, "regrades"),
        _SKILLS,
        f"CREATE INDEX ON {_SCHEMA}.team_skills USING gist (capability, kind, spot)",
        f"CREATE INDEX ON {_SCHEMA}.team_skills (capability, kind)",
        *system_policy(_SCHEMA, "team_skills"),
        _NUMBERS,
        *system_policy(_SCHEMA, "incident_numbers"),
        _SHORTAGES,
        f"CREATE INDEX ON {_SCHEMA}.team_shortages (tried_at)",
        *system_policy(_SCHEMA, "team_shortages"),
        _REQUESTS,
        *system_policy(_SCHEMA, "review_requests"),
    ]


def _copies() -> list[str]:
    every = "SELECT, INSERT, UPDATE, DELETE"
    return [
        _AREAS,
        f"CREATE INDEX ON {_SCHEMA}.area_copies (code)",
        *reference_policy(_SCHEMA, "area_copies", grants=every),
        _POSTS,
        f"CREATE INDEX ON {_SCHEMA}.post_copies (kind, area_code)",
        *reference_policy(_SCHEMA, "post_copies", grants=every),
    ]


def upgrade() -> None:
    """Create everything."""
    for statement in (*plumbing_ddl(_SCHEMA), *_aggregates(), *_parts(), *_copies()):
        op.execute(statement)


def downgrade() -> None:
    """Drop everything but the migration's own table."""
    for statement in schema_emptied(_SCHEMA):
        op.execute(statement)
