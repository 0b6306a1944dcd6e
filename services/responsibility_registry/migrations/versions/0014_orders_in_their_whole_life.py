"""Orders in their whole life: pauses, those who assist, stages of the work, batches, and what a post has to do."""

from alembic import op

from libs.common.aggregates import AGGREGATE_DDL, aggregate_indexes
from libs.common.ddl.policies import scope_policy

revision = "0014"
down_revision = "0013"

_SCHEMA = "responsibility_registry"
_COLUMNS = (
    ("pauses", "jsonb NOT NULL DEFAULT '[]'"),
    ("assistants", "jsonb NOT NULL DEFAULT '[]'"),
    ("resume_at", "timestamptz"),
)
_STAGES = f"""CREATE TABLE {_SCHEMA}.order_stages ({AGGREGATE_DDL},
  order_id uuid NOT NULL REFERENCES {_SCHEMA}.orders (id), name text NOT NULL, state text NOT NULL,
  due_at timestamptz, planned_by uuid, percent integer CHECK (percent BETWEEN 0 AND 100), words text NOT NULL,
  evidence uuid[] NOT NULL, reported_by uuid, reported_at timestamptz, missed_told_at timestamptz,
  reason text NOT NULL, look_at timestamptz, CHECK ((state = 'reported') = (reported_at IS NOT NULL)))"""

_BATCHES = f"""CREATE TABLE {_SCHEMA}.order_batches ({AGGREGATE_DDL},
  kind text NOT NULL, category text NOT NULL, words text NOT NULL, issued_by uuid NOT NULL,
  issued_at timestamptz NOT NULL, rows jsonb NOT NULL)"""


def upgrade() -> None:
    """Orders of before were never paused, and nobody assists; the release before writes neither."""
    for statement in (
        *(f"ALTER TABLE {_SCHEMA}.orders ADD COLUMN {name} {kind}" for name, kind in _COLUMNS),
        f"CREATE INDEX orders_paused ON {_SCHEMA}.orders (resume_at) WHERE resume_at IS NOT NULL",
        f"CREATE INDEX orders_of_assignee ON {_SCHEMA}.orders (assignee_post_id, due_at, id)",
        f"CREATE INDEX orders_of_issuer ON {_SCHEMA}.orders (issuer_post_id, due_at, id)",
        _STAGES,
        *aggregate_indexes(_SCHEMA, "order_stages"),
        f"CREATE INDEX ON {_SCHEMA}.order_stages (order_id, id DESC)",
        f"CREATE INDEX ON {_SCHEMA}.order_stages (look_at) WHERE look_at IS NOT NULL",
        *scope_policy(_SCHEMA, "order_stages"),
        _BATCHES,
        *aggregate_indexes(_SCHEMA, "order_batches"),
        *scope_policy(_SCHEMA, "order_batches", grants="SELECT, INSERT"),
    ):
        op.execute(statement)


def downgrade() -> None:
    """Drop what this one made."""
    for table in ("order_batches", "order_stages"):
        op.execute(f"DROP TABLE {_SCHEMA}.{table}")
    for index in ("orders_of_assignee", "orders_of_issuer"):
        op.execute(f"DROP INDEX {_SCHEMA}.{index}")
    for name, _ in _COLUMNS:
        op.execute(f"ALTER TABLE {_SCHEMA}.orders DROP COLUMN {name}")
