"""The table of reviews."""

from sqlalchemy import Column, DateTime, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from libs.common.aggregates import aggregate_columns

reviews = Table(
    "reviews",
    MetaData(),
    *aggregate_columns(),
    Column("incident_id", UUID(as_uuid=True), nullable=False),
    Column("state", Text, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("findings", JSONB, nullable=False),
    Column("lessons", JSONB, nullable=False),
    Column("conclusion", Text, nullable=False),
    Column("completed_at", DateTime(timezone=True)),
)
