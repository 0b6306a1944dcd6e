"""Years whose working days were announced, and the orders that wait for one."""

from alembic import op

from libs.common.aggregates import AGGREGATE_DDL, aggregate_indexes
from libs.common.ddl.policies import reference_policy

revision = "0005"
down_revision = "0004"

_SCHEMA = "responsibility_registry"

_YEARS = f"""CREATE TABLE {_SCHEMA}.announced_years ({AGGREGATE_DDL},
  year integer NOT NULL UNIQUE, days jsonb NOT NULL, source text NOT NULL)"""
_PROVISIONAL = f"""CREATE INDEX orders_provisional ON {_SCHEMA}.orders (due_at)
  WHERE deadline ->> 'provisional' = 'true'"""


def upgrade() -> None:
    """Create everything."""
    for statement in (
        _YEARS,
        *aggregate_indexes(_SCHEMA, "announced_years"),
        *reference_policy(_SCHEMA, "announced_years"),
        _PROVISIONAL,
    ):
        op.execute(statement)


def downgrade() -> None:
    """Drop what this one made; days that were entered stay in the calendar."""
    op.execute(f"DROP INDEX {_SCHEMA}.orders_provisional")
    op.execute(f"DROP TABLE {_SCHEMA}.announced_years")
