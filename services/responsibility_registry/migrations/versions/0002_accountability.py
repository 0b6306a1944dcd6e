"""Accountability: cases, measures, the facts and acts that were heard, traces, and the copy of risk objects."""

from alembic import op

from libs.common.aggregates import AGGREGATE_DDL, aggregate_indexes
from libs.common.ddl.policies import child_policy, reference_policy, scope_policy, system_policy

revision = "0002"
down_revision = "0001"

_SCHEMA = "responsibility_registry"

# One case an incident, whatever opened it first.
_CASES = f"""CREATE TABLE {_SCHEMA}.accountability_cases ({AGGREGATE_DDL},
  cause text NOT NULL, cause_id uuid NOT NULL UNIQUE, as_of timestamptz NOT NULL, state text NOT NULL,
  opened_at timestamptz NOT NULL, trace_id uuid, traced_at timestamptz, concluded_at timestamptz,
  conclusion text NOT NULL)"""

# The key names trigger, subject, window and kind: the database itself refuses a second proposal of the same.
_MEASURES = f"""CREATE TABLE {_SCHEMA}.measures ({AGGREGATE_DDL},
  key text NOT NULL UNIQUE, kind text NOT NULL, zh text NOT NULL, en text NOT NULL, subject_kind text NOT NULL,
  subject_id text NOT NULL, subject_name text NOT NULL, case_id uuid REFERENCES {_SCHEMA}.accountability_cases (id),
  trigger_id text NOT NULL, facts uuid[] NOT NULL, authority text NOT NULL, months integer, effects jsonb NOT NULL,
  objection_days integer NOT NULL, min_fen bigint, max_fen bigint, state text NOT NULL,
  proposed_at timestamptz NOT NULL, decided_at timestamptz, decided_by uuid, words text NOT NULL,
  starts_at timestamptz, ends_at timestamptz, amount_fen bigint, objection_until timestamptz,
  objected_at timestamptz, objection text NOT NULL, source text NOT NULL, policy_version text NOT NULL,
  why_zh text NOT NULL, why_en text NOT NULL, grounds jsonb NOT NULL)"""

_FACTS = f"""CREATE TABLE {_SCHEMA}.accountability_facts (
  id uuid PRIMARY KEY, incident_version integer NOT NULL, number text NOT NULL, kind text NOT NULL,
  area_code text COLLATE "C" NOT NULL, sectors text[] NOT NULL, exercise boolean NOT NULL,
  correlation_id uuid NOT NULL, object_id uuid, level_ordinal integer NOT NULL, production_related boolean NOT NULL,
  people_harmed integer NOT NULL, at timestamptz NOT NULL, heard_at timestamptz NOT NULL, pending boolean NOT NULL,
  firm_id text, firm_name text NOT NULL, object_known boolean NOT NULL, marks text[] NOT NULL,
  outcomes jsonb NOT NULL)"""

_ACTS = f"""CREATE TABLE {_SCHEMA}.accountability_acts (
  event_id uuid NOT NULL, what text NOT NULL, who uuid NOT NULL, hazard_id uuid NOT NULL, object_id uuid,
  area_code text COLLATE "C" NOT NULL, correlation_id uuid NOT NULL, at timestamptz NOT NULL,
  told_at timestamptz NOT NULL, words text NOT NULL, PRIMARY KEY (event_id, what))"""

# A trace is never changed: traced again, it is another row. Text, because its hash is over the stored bytes.
_TRACES = f"""CREATE TABLE {_SCHEMA}.accountability_traces (
  id uuid PRIMARY KEY, case_id uuid NOT NULL REFERENCES {_SCHEMA}.accountability_cases (id),
  as_of timestamptz NOT NULL, known_at timestamptz NOT NULL, made_at timestamptz NOT NULL,
  policy_version text NOT NULL, later_rows integer NOT NULL, document text NOT NULL, sha256 text NOT NULL)"""

_OBJECTS = f"""CREATE TABLE {_SCHEMA}.risk_object_copies (
  id uuid PRIMARY KEY, version integer NOT NULL, stated_in uuid, type text NOT NULL, name text NOT NULL,
  address text NOT NULL, lon double precision NOT NULL, lat double precision NOT NULL,
  area_code text COLLATE "C" NOT NULL, sectors text[] NOT NULL, entity jsonb NOT NULL, attributes jsonb NOT NULL,
  ordinal integer, colour text, ended boolean NOT NULL)"""

# A trace asks the timeline for the orders and duties of a few areas; other rows need no such index.
_OF_PLACE = (
    f"CREATE INDEX timeline_orders_of_area ON {_SCHEMA}.timeline (area_code, occurred_at)"
    " WHERE event_type LIKE 'responsibility_registry.order%'",
    f"CREATE INDEX timeline_duties_of_area ON {_SCHEMA}.timeline (area_code, occurred_at)"
    " WHERE event_type LIKE 'responsibility_registry.duty.%'",
)

_TABLES = (
    "accountability_traces", "measures", "accountability_cases", "accountability_facts", "accountability_acts",
    "risk_object_copies",
)  # fmt: skip


def upgrade() -> None:
    """Create everything."""
    for statement in (
        _CASES,
        *aggregate_indexes(_SCHEMA, "accountability_cases"),
        f"CREATE INDEX ON {_SCHEMA}.accountability_cases (opened_at DESC, id DESC)",
        f"CREATE INDEX ON {_SCHEMA}.accountability_cases (opened_at) WHERE state = 'open'",
        *scope_policy(_SCHEMA, "accountability_cases"),
        _MEASURES,
        *aggregate_indexes(_SCHEMA, "measures"),
        f"CREATE INDEX ON {_SCHEMA}.measures (case_id, proposed_at, id)",
        *scope_policy(_SCHEMA, "measures"),
        _FACTS,
        f"CREATE INDEX ON {_SCHEMA}.accountability_facts (area_code, at)",
        f"CREATE INDEX ON {_SCHEMA}.accountability_facts (firm_id, at) WHERE firm_id IS NOT NULL",
        f"CREATE INDEX ON {_SCHEMA}.accountability_facts (at) WHERE pending",
        f"CREATE INDEX ON {_SCHEMA}.accountability_facts (object_id) WHERE NOT object_known",
        *system_policy(_SCHEMA, "accountability_facts", grants="SELECT, INSERT, UPDATE"),
        _ACTS,
        f"CREATE INDEX ON {_SCHEMA}.accountability_acts (area_code, at)",
        f"CREATE INDEX ON {_SCHEMA}.accountability_acts (object_id, at) WHERE object_id IS NOT NULL",
        *system_policy(_SCHEMA, "accountability_acts", grants="SELECT, INSERT"),
        _TRACES,
        f"CREATE INDEX ON {_SCHEMA}.accountability_traces (case_id, made_at)",
        *child_policy(
            _SCHEMA, "accountability_traces", parent="accountability_cases", key="case_id", grants="SELECT, INSERT"
        ),
        _OBJECTS,
        *reference_policy(_SCHEMA, "risk_object_copies", grants="SELECT, INSERT, UPDATE, DELETE"),
        *_OF_PLACE,
    ):
        op.execute(statement)


def downgrade() -> None:
    """Drop what this one made."""
    for index in ("timeline_orders_of_area", "timeline_duties_of_area"):
        op.execute(f"DROP INDEX {_SCHEMA}.{index}")
    for table in _TABLES:
        op.execute(f"DROP TABLE {_SCHEMA}.{table}")
