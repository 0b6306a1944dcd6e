"""Which post read which version of an order: the timeline says so once."""

from alembic import op

from libs.common.ddl.policies import child_policy

revision = "0004"
down_revision = "0003"

_SCHEMA = "responsibility_registry"

_READINGS = f"""CREATE TABLE {_SCHEMA}.order_readings (
  order_id uuid NOT NULL REFERENCES {_SCHEMA}.orders (id), version integer NOT NULL, post_id uuid NOT NULL,
  read_at timestamptz NOT NULL, PRIMARY KEY (order_id, version, post_id))"""


def upgrade() -> None:
    """Create it empty: what was read before, nobody knows."""
    op.execute(_READINGS)
    for statement in child_policy(
        _SCHEMA, "order_readings", parent="orders", key="order_id", grants="SELECT, INSERT"
    ):
        op.execute(statement)


def downgrade() -> None:
    """Drop what this one made; the rows of the timeline stay."""
    op.execute(f"DROP TABLE {_SCHEMA}.order_readings")
