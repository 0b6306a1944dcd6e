"""The table of risk objects."""

from sqlalchemy import Column, DateTime, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from libs.common.aggregates import aggregate_columns

risk_objects = Table(
    "risk_objects",
    MetaData(),
    *aggregate_columns(),
    Column("type", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("place", JSONB(none_as_null=True)),
    Column("responsible_entity", JSONB, nullable=False),
    Column("attributes", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("ordinal", Integer),
    Column("colour", Text),
    Column("scale", Text),
    Column("graded_at", DateTime(timezone=True)),
    Column("assessment_id", UUID(as_uuid=True)),
    Column("ended_at", DateTime(timezone=True)),
    Column("ended_reason", Text, nullable=False),
)
