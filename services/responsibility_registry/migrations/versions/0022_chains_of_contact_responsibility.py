"""Templates of chains of contact responsibility, who is in which link, and gaps that a template says."""

from alembic import op

from libs.common.aggregates import AGGREGATE_DDL, aggregate_indexes
from libs.common.ddl.policies import reference_policy

revision = "0022"
down_revision = "0021"

_SCHEMA = "responsibility_registry"
_TEMPLATES = f"""CREATE TABLE {_SCHEMA}.chain_templates ({AGGREGATE_DDL},
  code text NOT NULL, edition integer NOT NULL CHECK (edition > 0), zh text NOT NULL, en text NOT NULL,
  category text, hangs_on text NOT NULL, "of" text NOT NULL, links jsonb NOT NULL, counts jsonb NOT NULL,
  valid_from date NOT NULL, repealed boolean NOT NULL, source text NOT NULL,
  UNIQUE (area_code, code, edition), UNIQUE (area_code, code, valid_from))"""
_ASSIGNMENTS = f"""CREATE TABLE {_SCHEMA}.chain_assignments ({AGGREGATE_DDL},
  template text COLLATE "C" NOT NULL, link text COLLATE "C" NOT NULL, unit_id uuid,
  post_id uuid NOT NULL REFERENCES {_SCHEMA}.posts (id),
  superior_post_id uuid REFERENCES {_SCHEMA}.posts (id) CHECK (superior_post_id <> post_id),
  households integer CHECK (households >= 0), document text NOT NULL, valid_from timestamptz NOT NULL,
  valid_to timestamptz CHECK (valid_to > valid_from), ended_reason text NOT NULL)"""


def upgrade() -> None:
    """Create them empty, and let gaps say of which template they are and how many grounds lack the link."""
    for statement in (
        _TEMPLATES,
        *aggregate_indexes(_SCHEMA, "chain_templates"),
        *reference_policy(_SCHEMA, "chain_templates", grants="SELECT, INSERT"),
        _ASSIGNMENTS,
        *aggregate_indexes(_SCHEMA, "chain_assignments"),
        # Who is in the links over some areas, and how many grounds a post carries in one.
        f"CREATE INDEX ON {_SCHEMA}.chain_assignments (template, area_code)",
        f"CREATE INDEX ON {_SCHEMA}.chain_assignments (post_id, template, link)",
        *reference_policy(_SCHEMA, "chain_assignments"),
        # The objects of a type in an area: units of a chain.
        f"CREATE INDEX risk_objects_of_type ON {_SCHEMA}.risk_object_copies (type, area_code, id)",
        f"ALTER TABLE {_SCHEMA}.responsibility_gaps ADD COLUMN template text, ADD COLUMN grounds_lacking integer",
        f"DROP INDEX {_SCHEMA}.one_open_gap",
        f"CREATE UNIQUE INDEX one_open_gap ON {_SCHEMA}.responsibility_gaps"
        " (area_code, link, tier, (coalesce(sector, '')), (coalesce(template, ''))) WHERE closed_at IS NULL",
    ):
        op.execute(statement)


def downgrade() -> None:
    """Drop what this one made."""
    for statement in (
        "SELECT set_config('shoutu.system', 'migration', true)",
        # What only a template says means nothing without it.
        f"DELETE FROM {_SCHEMA}.responsibility_gaps WHERE template IS NOT NULL",
        f"DROP INDEX {_SCHEMA}.one_open_gap",
        f"CREATE UNIQUE INDEX one_open_gap ON {_SCHEMA}.responsibility_gaps"
        " (area_code, link, tier, (coalesce(sector, ''))) WHERE closed_at IS NULL",
        f"ALTER TABLE {_SCHEMA}.responsibility_gaps DROP COLUMN grounds_lacking, DROP COLUMN template",
        f"DROP INDEX {_SCHEMA}.risk_objects_of_type",
        f"DROP TABLE {_SCHEMA}.chain_assignments",
        f"DROP TABLE {_SCHEMA}.chain_templates",
    ):
        op.execute(statement)
