"""The table of circular notices."""

from sqlalchemy import Column, DateTime, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from libs.common.aggregates import aggregate_columns

circular_notices = Table(
    "circular_notices",
    MetaData(),
    *aggregate_columns(),
    Column("order_id", UUID(as_uuid=True), nullable=False),
    Column("step", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("policy_version", Text, nullable=False),
    Column("proposed_at", DateTime(timezone=True), nullable=False),
    Column("deciding", ARRAY(UUID(as_uuid=True)), nullable=False),
    Column("receipts", JSONB, nullable=False),
    Column("decide_by", DateTime(timezone=True)),
    Column("decided_at", DateTime(timezone=True)),
    Column("decided_by", UUID(as_uuid=True)),
    Column("decision", Text, nullable=False),
    Column("sign_by", DateTime(timezone=True)),
    Column("late_told_for", DateTime(timezone=True)),
    # For the sweep alone: when it looks at the notice next; None once nothing is to be told.
    Column("look_at", DateTime(timezone=True)),
)
