"""The plumbing, areas, posts and duties."""

from alembic import op

from libs.common.aggregates import AGGREGATE_DDL, aggregate_indexes
from libs.common.ddl.plumbing import plumbing_ddl, schema_emptied
from libs.common.ddl.policies import reference_policy

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


def upgrade() -> None:
    """Create everything."""
    for statement in (
        *plumbing_ddl(_SCHEMA),
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
    ):
        op.execute(statement)


def downgrade() -> None:
    """Drop everything but the migration's own table."""
    for statement in schema_emptied(_SCHEMA):
        op.execute(statement)
