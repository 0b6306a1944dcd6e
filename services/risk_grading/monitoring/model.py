"""The table of warnings: rows are only ever added."""

from sqlalchemy import Column, DateTime, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from libs.common.aggregates import aggregate_columns

warnings = Table(
    "warnings",
    MetaData(),
    *aggregate_columns(),
    Column("source", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("headline", Text, nullable=False),
    Column("place", JSONB(none_as_null=True)),
    Column("risk_object_id", UUID(as_uuid=True)),
    Column("raised_at", DateTime(timezone=True), nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("area_told", Text),
    Column("area_doubt", Text, nullable=False),
    Column("sent_by", Text, nullable=False),
)
