"""The plumbing, areas, posts, duties and orders."""

from alembic import op

from libs.common.aggregates import AGGREGATE_DDL, aggregate_indexes
from libs.common.ddl.plumbing import plumbing_ddl, schema_emptied
from libs.common.ddl.policies import reference_policy, scope_policy

revision = "0001"
down_revision = None

_SCHEMA = "responsibility_registry"

_AREAS = f"""CREATE TABLE {_SCHEMA}.areas ({AGGREGATE_DDL},
  code text COLLATE "C" NOT NULL UNIQUE, name text NOT NULL, level text NOT NULL, parent_code text COLLATE "C",
  valid_from date NOT NULL, valid_to date, shape text)"""

_POSTS = f"""CREATE TABLE {_SCHEMA}.posts ({AGGREGATE_DDL},
  code text NOT NULL UNIQUE, name_zh text NOT NULL, name_en text NOT NULL, kind text NOT NULL, tier text NOT NULL,
  organization text NOT NULL, vacant boolean NOT NULL, substitute_post_id uuid REFERENCES {_SCHEMA}.posts (id))"""

# Two first-responsible posts of one kind over one area at one time: the database itself refuses the second.
_DUTIES = f"""CREATE TABLE {_SCHEMA}.duties ({AGGREGATE_DDL},
  post_id uuid NOT NULL REFERENCES {_SCHEMA}.posts (id), role text NOT NULL, categories text[] NOT NULL,
  clause text NOT NULL, valid_from timestamptz NOT NULL, valid_to timestamptz, ended_reason text NOT NULL,
  CONSTRAINT one_first_responsible EXCLUDE USING gist
    (area_code WITH =, role WITH =, tstzrange(valid_from, valid_to) WITH &&)
    WHERE (role LIKE '%\\_first' AND categories = '{{}}' AND sectors = '{{}}'))"""


_ORDERS = f"""CREATE TABLE {_SCHEMA}.orders ({AGGREGATE_DDL},
  kind text NOT NULL, category text NOT NULL, words text NOT NULL, entity text NOT NULL, state text NOT NULL,
  drafted_at timestamptz NOT NULL, hazard_id uuid, hazard_round integer NOT NULL, object_id uuid,
  major boolean NOT NULL, about_order_id uuid REFERENCES {_SCHEMA}.orders (id),
  follows_order_id uuid REFERENCES {_SCHEMA}.orders (id), five jsonb, deadline jsonb, due_at timestamptz,
  issuer_post_id uuid, assignee_post_id uuid, issued_at timestamptz, delivery jsonb, returns jsonb NOT NULL,
  unassigned_since timestamptz, unassigned_seconds integer NOT NULL, round integer NOT NULL, rectification jsonb,
  inspect_due_at timestamptz, hands uuid[] NOT NULL, inspections jsonb NOT NULL, disputes jsonb NOT NULL,
  extensions jsonb NOT NULL, escalations jsonb NOT NULL, reminded_for timestamptz, merged_into uuid,
  merged_from uuid[] NOT NULL, withdrawal jsonb, closed_at timestamptz, next_step_at timestamptz,
  remind_at timestamptz)"""

# One live order a hazard: the database itself refuses the second, whatever races there are.
_ONE_LIVE = f"""CREATE UNIQUE INDEX one_live_order_a_hazard ON {_SCHEMA}.orders (hazard_id)
  WHERE hazard_id IS NOT NULL AND state NOT IN ('closed', 'merged_into', 'withdrawn')"""

_REMINDERS = f"""CREATE TABLE {_SCHEMA}.order_reminders ({AGGREGATE_DDL},
  order_id uuid NOT NULL REFERENCES {_SCHEMA}.orders (id), due_at timestamptz NOT NULL, told_at timestamptz NOT NULL,
  UNIQUE (order_id, due_at))"""


def upgrade() -> None:
    """Create everything."""
    for statement in (
        *plumbing_ddl(_SCHEMA, triages=False),
        _AREAS,
        *aggregate_indexes(_SCHEMA, "areas"),
        f"CREATE INDEX ON {_SCHEMA}.areas (parent_code, code)",
        *reference_policy(_SCHEMA, "areas"),
        _POSTS,
        *aggregate_indexes(_SCHEMA, "posts"),
        f"CREATE INDEX ON {_SCHEMA}.posts (kind, area_code)",
        *reference_policy(_SCHEMA, "posts"),
        _DUTIES,
        *aggregate_indexes(_SCHEMA, "duties"),
        f"CREATE INDEX ON {_SCHEMA}.duties (post_id)",
        *reference_policy(_SCHEMA, "duties"),
        _ORDERS,
        _ONE_LIVE,
        *aggregate_indexes(_SCHEMA, "orders"),
        f"CREATE INDEX ON {_SCHEMA}.orders (hazard_id, hazard_round)",
        f"CREATE INDEX ON {_SCHEMA}.orders (object_id) WHERE object_id IS NOT NULL",
        f"CREATE INDEX ON {_SCHEMA}.orders (drafted_at DESC, id DESC)",
        f"CREATE INDEX ON {_SCHEMA}.orders (assignee_post_id, state)",
        f"CREATE INDEX ON {_SCHEMA}.orders (next_step_at) WHERE next_step_at IS NOT NULL",
        f"CREATE INDEX ON {_SCHEMA}.orders (remind_at) WHERE remind_at IS NOT NULL",
        *scope_policy(_SCHEMA, "orders"),
        _REMINDERS,
        *aggregate_indexes(_SCHEMA, "order_reminders"),
        *scope_policy(_SCHEMA, "order_reminders", grants="SELECT, INSERT"),
    ):
        op.execute(statement)


def downgrade() -> None:
    """Drop everything but the migration's own table."""
    for statement in schema_emptied(_SCHEMA):
        op.execute(statement)
