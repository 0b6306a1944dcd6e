"""The table of coordinating bodies."""

from sqlalchemy import Column, DateTime, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from libs.common.aggregates import aggregate_columns

bodies = Table(
    "bodies",
    MetaData(),
    *aggregate_columns(),
    Column("kind", Text, nullable=False),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("valid_from", DateTime(timezone=True), nullable=False),
    Column("counted_from", DateTime(timezone=True), nullable=False),
    Column("area_codes", ARRAY(Text), nullable=False),
    Column("parent_id", UUID(as_uuid=True)),
    Column("valid_to", DateTime(timezone=True)),
    Column("seats", JSONB, nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("ended_reason", Text),
    # For the sweep alone: when to look again whether it has met often enough.
    Column("look_at", DateTime(timezone=True)),
)
