"""Listed supervision, receipts of circular notices, and measures that stop a firm's work or cut its supply."""

from alembic import op

from libs.common.aggregates import AGGREGATE_DDL, aggregate_indexes
from libs.common.ddl.policies import scope_policy

revision = "0019"
down_revision = "0018"

_SCHEMA = "responsibility_registry"
_LISTINGS = f"""CREATE TABLE {_SCHEMA}.listings ({AGGREGATE_DDL},
  order_id uuid NOT NULL REFERENCES {_SCHEMA}.orders (id), state text NOT NULL, trigger text NOT NULL,
  level text NOT NULL, words text NOT NULL, policy_version text NOT NULL, proposed_at timestamptz NOT NULL,
  proposed_by uuid, limit_at timestamptz, assignee_post_id uuid, unit text NOT NULL, unit_kind text,
  content text NOT NULL, document text NOT NULL, supervisor_post_id uuid, listed_at timestamptz, listed_by uuid,
  public_number text, publications jsonb NOT NULL, plan jsonb, visits jsonb NOT NULL, inspections jsonb NOT NULL,
  consequences jsonb NOT NULL, promises jsonb NOT NULL, overdue_for timestamptz, delisted_at timestamptz,
  delisting text NOT NULL, looked_back_at timestamptz, looked_back_by uuid, looked_back text NOT NULL,
  ended_at timestamptz, reason text NOT NULL, look_at timestamptz,
  CHECK (state IN ('proposed', 'refused', 'lapsed') OR listed_at IS NOT NULL))"""
_CIRCULARS = f"""CREATE TABLE {_SCHEMA}.circular_notices ({AGGREGATE_DDL},
  order_id uuid NOT NULL REFERENCES {_SCHEMA}.orders (id), step text NOT NULL, state text NOT NULL,
  words text NOT NULL, source text NOT NULL,
  policy_version text NOT NULL, proposed_at timestamptz NOT NULL, deciding uuid[] NOT NULL,
  receipts jsonb NOT NULL, decide_by timestamptz, decided_at timestamptz, decided_by uuid, decision text NOT NULL,
  sign_by timestamptz, late_told_for timestamptz, look_at timestamptz,
  CHECK ((state = 'issued') = (sign_by IS NOT NULL)))"""
_STOPS = f"""CREATE TABLE {_SCHEMA}.stop_measures ({AGGREGATE_DDL},
  order_id uuid NOT NULL REFERENCES {_SCHEMA}.orders (id), kind text NOT NULL, supply boolean NOT NULL,
  notice_hours integer NOT NULL CHECK (notice_hours >= 0), state text NOT NULL, words text NOT NULL,
  risk text NOT NULL, evidence uuid[] NOT NULL, policy_version text NOT NULL, proposed_at timestamptz NOT NULL,
  proposed_by uuid NOT NULL, proposed_subject text NOT NULL, decide_by timestamptz NOT NULL,
  about_measure_id uuid REFERENCES {_SCHEMA}.stop_measures (id), supplier_organization_id uuid,
  document text NOT NULL, decided_at timestamptz, decided_by uuid, decision text NOT NULL, imminent text NOT NULL,
  effect_at timestamptz, execute_by timestamptz, notices jsonb NOT NULL, acknowledged_at timestamptz,
  acknowledged_by uuid, acknowledgement text NOT NULL, executions jsonb NOT NULL, lift_asked_at timestamptz,
  lift_asked_by uuid, lift_asked text NOT NULL, lift_by timestamptz, lifted_at timestamptz, lifted_by uuid,
  ended text NOT NULL, late_told text[] NOT NULL, look_at timestamptz,
  CHECK (supply = (supplier_organization_id IS NOT NULL)), CHECK (supply = (about_measure_id IS NOT NULL)))"""
_OPEN = "state IN ('proposed', 'listed', 'inspection_asked', 'passed')"


def upgrade() -> None:
    """Orders about major hazards that stand are weighed once by the first sweep."""
    for statement in (
        f"ALTER TABLE {_SCHEMA}.orders ADD COLUMN weighed_at timestamptz",
        # The sweep asks for few of very many orders, every ten seconds.
        f"CREATE INDEX orders_about_major ON {_SCHEMA}.orders (id) WHERE major",
        _LISTINGS,
        *aggregate_indexes(_SCHEMA, "listings"),
        f"CREATE UNIQUE INDEX listings_one_open ON {_SCHEMA}.listings (order_id) WHERE {_OPEN}",
        f"CREATE UNIQUE INDEX listings_number ON {_SCHEMA}.listings (public_number)",
        f"CREATE INDEX ON {_SCHEMA}.listings (order_id)",
        f"CREATE INDEX ON {_SCHEMA}.listings (proposed_at DESC, id DESC)",
        f"CREATE INDEX ON {_SCHEMA}.listings (look_at) WHERE look_at IS NOT NULL",
        *scope_policy(_SCHEMA, "listings"),
        _CIRCULARS,
        *aggregate_indexes(_SCHEMA, "circular_notices"),
        f"CREATE INDEX ON {_SCHEMA}.circular_notices (order_id, id DESC)",
        f"CREATE INDEX ON {_SCHEMA}.circular_notices (proposed_at DESC, id DESC)",
        f"CREATE INDEX ON {_SCHEMA}.circular_notices (look_at) WHERE look_at IS NOT NULL",
        *scope_policy(_SCHEMA, "circular_notices"),
        _STOPS,
        *aggregate_indexes(_SCHEMA, "stop_measures"),
        f"CREATE INDEX ON {_SCHEMA}.stop_measures (order_id)",
        f"CREATE INDEX ON {_SCHEMA}.stop_measures (about_measure_id)",
        f"CREATE INDEX ON {_SCHEMA}.stop_measures (proposed_at DESC, id DESC)",
        f"CREATE INDEX ON {_SCHEMA}.stop_measures (look_at) WHERE look_at IS NOT NULL",
        *scope_policy(_SCHEMA, "stop_measures"),
    ):
        op.execute(statement)


def downgrade() -> None:
    """Drop what this one made."""
    for statement in (
        f"DROP TABLE {_SCHEMA}.stop_measures",
        f"DROP TABLE {_SCHEMA}.circular_notices",
        f"DROP TABLE {_SCHEMA}.listings",
        f"DROP INDEX {_SCHEMA}.orders_about_major",
        f"ALTER TABLE {_SCHEMA}.orders DROP COLUMN weighed_at",
    ):
        op.execute(statement)
