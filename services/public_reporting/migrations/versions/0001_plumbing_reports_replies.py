"""The plumbing, reports, replies, and the copy of areas."""

from alembic import op

from libs.common.aggregates import AGGREGATE_DDL, aggregate_indexes
from libs.common.ddl.plumbing import plumbing_ddl, schema_emptied
from libs.common.ddl.policies import reference_policy, scope_policy

revision = "0001"
down_revision = None

_SCHEMA = "public_reporting"

_REPORTS = f"""CREATE TABLE {_SCHEMA}.reports ({AGGREGATE_DDL},
  source text NOT NULL, category text NOT NULL, words text NOT NULL, place jsonb, place_words text NOT NULL,
  photos uuid[] NOT NULL, findings jsonb NOT NULL, tracking_hash text NOT NULL UNIQUE, state text NOT NULL,
  urgent boolean NOT NULL, life_at_risk boolean NOT NULL, received_at timestamptz NOT NULL,
  due_first_answer_at timestamptz NOT NULL, intake_version text NOT NULL, first_answered_at timestamptz,
  triage jsonb, transferred_to text, hazards jsonb NOT NULL, disputes jsonb NOT NULL, fixed_at timestamptz,
  result_told_at timestamptz,
  closed_at timestamptz)"""

_REPLIES = f"""CREATE TABLE {_SCHEMA}.replies ({AGGREGATE_DDL},
  report_id uuid NOT NULL REFERENCES {_SCHEMA}.reports (id), kind text NOT NULL, words_zh text NOT NULL,
  words_en text, by_post uuid, at timestamptz NOT NULL)"""

_AREAS = f"""CREATE TABLE {_SCHEMA}.area_copies (
  id uuid PRIMARY KEY, version integer NOT NULL, stated_in uuid, code text COLLATE "C" NOT NULL, name text NOT NULL,
  level text NOT NULL, parent_code text, valid_from date NOT NULL, valid_to date, shape text)"""


def upgrade() -> None:
    """Create everything."""
    for statement in (
        *plumbing_ddl(_SCHEMA),
        _REPORTS,
        *aggregate_indexes(_SCHEMA, "reports"),
        f"CREATE INDEX ON {_SCHEMA}.reports (received_at DESC, id DESC)",
        f"CREATE INDEX ON {_SCHEMA}.reports (category, received_at)",
        f"CREATE INDEX ON {_SCHEMA}.reports (fixed_at) WHERE state IN ('fixed', 'unfounded')",
        f"CREATE INDEX ON {_SCHEMA}.reports USING gin (hazards jsonb_path_ops)",
        *scope_policy(_SCHEMA, "reports"),
        _REPLIES,
        *aggregate_indexes(_SCHEMA, "replies"),
        f"CREATE INDEX ON {_SCHEMA}.replies (report_id, at)",
        *scope_policy(_SCHEMA, "replies"),
        _AREAS,
        f"CREATE INDEX ON {_SCHEMA}.area_copies (code)",
        *reference_policy(_SCHEMA, "area_copies", grants="SELECT, INSERT, UPDATE, DELETE"),
    ):
        op.execute(statement)


def downgrade() -> None:
    """Drop everything but the migration's own table."""
    for statement in schema_emptied(_SCHEMA):
        op.execute(statement)
