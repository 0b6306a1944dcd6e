"""The table of stages."""

from sqlalchemy import Column, DateTime, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from libs.common.aggregates import aggregate_columns

order_stages = Table(
    "order_stages",
    MetaData(),
    *aggregate_columns(),
    Column("order_id", UUID(as_uuid=True), nullable=False),
    Column("name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("due_at", DateTime(timezone=True)),
    Column("planned_by", UUID(as_uuid=True)),
    Column("percent", Integer),
    Column("words", Text, nullable=False),
    Column("evidence", ARRAY(UUID(as_uuid=True)), nullable=False),
    Column("reported_by", UUID(as_uuid=True)),
    Column("reported_at", DateTime(timezone=True)),
    Column("missed_told_at", DateTime(timezone=True)),
    Column("reason", Text, nullable=False),
    # For the sweep alone: when it looks at the stage next; None once nothing is to be told.
    Column("look_at", DateTime(timezone=True)),
)
