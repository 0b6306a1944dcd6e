"""The plumbing, risk objects, assessments, hazards, warnings, and the copy of areas."""

from alembic import op

from libs.common.aggregates import AGGREGATE_DDL, aggregate_indexes
from libs.common.ddl.plumbing import plumbing_ddl, schema_emptied
from libs.common.ddl.policies import reference_policy, scope_policy

revision = "0001"
down_revision = None

_SCHEMA = "risk_grading"
_ADDED_ONLY = "SELECT, INSERT"

_OBJECTS = f"""CREATE TABLE {_SCHEMA}.risk_objects ({AGGREGATE_DDL},
  type text NOT NULL, name text NOT NULL, address text NOT NULL, place jsonb, responsible_entity jsonb NOT NULL,
  attributes jsonb NOT NULL, state text NOT NULL, ordinal integer CHECK (ordinal BETWEEN 1 AND 4), colour text,
  scale text, graded_at timestamptz, assessment_id uuid, ended_at timestamptz, ended_reason text NOT NULL,
  CHECK ((assessment_id IS NULL) = (ordinal IS NULL) AND (ordinal IS NULL) = (colour IS NULL)))"""

_ASSESSMENTS = f"""CREATE TABLE {_SCHEMA}.assessments ({AGGREGATE_DDL},
  object_id uuid NOT NULL REFERENCES {_SCHEMA}.risk_objects (id), reason text NOT NULL, caused_by uuid, by_post uuid,
  assessed_at timestamptz NOT NULL, evidence uuid[] NOT NULL, pack text NOT NULL, pack_version text NOT NULL,
  pack_digest text NOT NULL, inputs jsonb NOT NULL, product numeric NOT NULL, band text NOT NULL,
  ordinal integer NOT NULL CHECK (ordinal BETWEEN 1 AND 4), colour text NOT NULL, scale text NOT NULL,
  fingerprint text NOT NULL, previous_id uuid REFERENCES {_SCHEMA}.assessments (id), course text NOT NULL)"""

_HAZARDS = f"""CREATE TABLE {_SCHEMA}.hazards ({AGGREGATE_DDL},
  category text NOT NULL, words text NOT NULL, place jsonb, place_words text NOT NULL, report_ids uuid[] NOT NULL,
  object_id uuid REFERENCES {_SCHEMA}.risk_objects (id), state text NOT NULL, life_at_risk boolean NOT NULL,
  registered_at timestamptz NOT NULL, verify_due_at timestamptz NOT NULL, clocks_version text NOT NULL,
  severity text, severity_basis text NOT NULL, handling text, verification jsonb, proposal jsonb, plan jsonb,
  fix jsonb, order_id uuid, due_at timestamptz, round integer NOT NULL CHECK (round > 0), hands uuid[] NOT NULL,
  reopenings jsonb NOT NULL, dismissed_reason text NOT NULL, closed_at timestamptz, look_back_due_at timestamptz,
  looked_back jsonb, merged_into uuid REFERENCES {_SCHEMA}.hazards (id), merged_from uuid[] NOT NULL,
  lon double precision GENERATED ALWAYS AS ((place ->> 'lon')::double precision) STORED,
  lat double precision GENERATED ALWAYS AS ((place ->> 'lat')::double precision) STORED,
  CHECK ((state = 'merged') = (merged_into IS NOT NULL)),
  CHECK (severity IS DISTINCT FROM 'major' OR handling = 'within_limit'))"""

_REMINDERS = f"""CREATE TABLE {_SCHEMA}.hazard_reminders ({AGGREGATE_DDL},
  hazard_id uuid NOT NULL REFERENCES {_SCHEMA}.hazards (id), kind text NOT NULL, due_at timestamptz NOT NULL,
  told_at timestamptz NOT NULL, UNIQUE (hazard_id, kind, due_at))"""

_WARNINGS = f"""CREATE TABLE {_SCHEMA}.warnings ({AGGREGATE_DDL},
  source text NOT NULL, source_id text NOT NULL, kind text NOT NULL,
  ordinal integer NOT NULL CHECK (ordinal BETWEEN 1 AND 4), headline text NOT NULL, place jsonb,
  risk_object_id uuid REFERENCES {_SCHEMA}.risk_objects (id), raised_at timestamptz NOT NULL,
  received_at timestamptz NOT NULL, UNIQUE (source, source_id))"""

_AREAS = f"""CREATE TABLE {_SCHEMA}.area_copies (
  id uuid PRIMARY KEY, version integer NOT NULL, stated_in uuid, code text COLLATE "C" NOT NULL, name text NOT NULL,
  level text NOT NULL, parent_code text, valid_from date NOT NULL, valid_to date, shape text)"""

_UNSEEN = "state = 'registered' OR (state = 'reopened' AND order_id IS NULL)"
_OPEN = "state IN ('registered', 'reopened', 'verified', 'rectifying', 'pending_review')"


def upgrade() -> None:
    """Create everything."""
    for statement in (
        *plumbing_ddl(_SCHEMA),
        _OBJECTS,
        *aggregate_indexes(_SCHEMA, "risk_objects"),
        f"CREATE INDEX ON {_SCHEMA}.risk_objects (type, area_code, id)",
        f"CREATE INDEX ON {_SCHEMA}.risk_objects (colour, area_code, id)",
        *scope_policy(_SCHEMA, "risk_objects"),
        _ASSESSMENTS,
        *aggregate_indexes(_SCHEMA, "assessments"),
        f"CREATE INDEX ON {_SCHEMA}.assessments (object_id, assessed_at DESC, id DESC)",
        # An incident regrades an object once, whatever is told twice.
        f"CREATE UNIQUE INDEX ON {_SCHEMA}.assessments (object_id, caused_by) WHERE reason = 'after_incident'",
        *scope_policy(_SCHEMA, "assessments", grants=_ADDED_ONLY),
        _HAZARDS,
        *aggregate_indexes(_SCHEMA, "hazards"),
        f"CREATE INDEX ON {_SCHEMA}.hazards (registered_at DESC, id DESC)",
        f"CREATE INDEX ON {_SCHEMA}.hazards (state, registered_at DESC)",
        # Of plain columns: under row-level security an index on an expression over jsonb would not be used.
        f"CREATE INDEX ON {_SCHEMA}.hazards (category, lon, lat) WHERE {_OPEN}",
        f"CREATE INDEX ON {_SCHEMA}.hazards (object_id)",
        f"CREATE INDEX ON {_SCHEMA}.hazards USING gin (report_ids)",
        f"CREATE INDEX ON {_SCHEMA}.hazards (verify_due_at) WHERE {_UNSEEN}",
        f"CREATE INDEX ON {_SCHEMA}.hazards (verify_due_at) WHERE state = 'verified'",
        f"CREATE INDEX ON {_SCHEMA}.hazards (updated_at) WHERE state = 'verified'",
        f"CREATE INDEX ON {_SCHEMA}.hazards (look_back_due_at) WHERE state = 'closed'",
        *scope_policy(_SCHEMA, "hazards"),
        _REMINDERS,
        *aggregate_indexes(_SCHEMA, "hazard_reminders"),
        *scope_policy(_SCHEMA, "hazard_reminders", grants=_ADDED_ONLY),
        _WARNINGS,
        *aggregate_indexes(_SCHEMA, "warnings"),
        f"CREATE INDEX ON {_SCHEMA}.warnings (raised_at DESC, id DESC)",
        *scope_policy(_SCHEMA, "warnings", grants=_ADDED_ONLY),
        _AREAS,
        f"CREATE INDEX ON {_SCHEMA}.area_copies (code)",
        *reference_policy(_SCHEMA, "area_copies", grants="SELECT, INSERT, UPDATE, DELETE"),
    ):
        op.execute(statement)


def downgrade() -> None:
    """Drop everything but the migration's own table."""
    for statement in schema_emptied(_SCHEMA):
        op.execute(statement)
