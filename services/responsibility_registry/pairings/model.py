"""The table of pairings."""

from sqlalchemy import Column, DateTime, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from libs.common.aggregates import OF_NO_SECTOR, aggregate_columns

pairings = Table(
    "pairings",
    MetaData(),
    *aggregate_columns(),
    Column("kind", Text, nullable=False),
    Column("post_id", UUID(as_uuid=True), nullable=False),
    Column("object_id", UUID(as_uuid=True)),
    Column("home_key", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("record_kinds", ARRAY(Text), nullable=False),
    Column("rhythm", JSONB(none_as_null=True)),
    Column("policy_version", Text, nullable=False),
    Column("valid_from", DateTime(timezone=True), nullable=False),
    Column("counted_from", DateTime(timezone=True), nullable=False),
    Column("valid_to", DateTime(timezone=True)),
    Column("ended_reason", Text, nullable=False),
    Column("look_at", DateTime(timezone=True)),
    info=OF_NO_SECTOR,
)
"""`look_at`: when the sweep asks next whether a period was missed; none where nothing is asked."""
