"""The table of duties."""

from sqlalchemy import Column, DateTime, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from libs.common.aggregates import aggregate_columns

duties = Table(
    "duties",
    MetaData(),
    *aggregate_columns(),
    Column("post_id", UUID(as_uuid=True), nullable=False),
    Column("role", Text, nullable=False),
    Column("categories", ARRAY(Text), nullable=False),
    Column("clause", Text, nullable=False),
    Column("valid_from", DateTime(timezone=True), nullable=False),
    Column("valid_to", DateTime(timezone=True)),
    Column("ended_reason", Text, nullable=False),
)
