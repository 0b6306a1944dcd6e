"""The table of order batches."""

from sqlalchemy import Column, DateTime, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from libs.common.aggregates import aggregate_columns

order_batches = Table(
    "order_batches",
    MetaData(),
    *aggregate_columns(),
    Column("kind", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("issued_by", UUID(as_uuid=True), nullable=False),
    Column("issued_at", DateTime(timezone=True), nullable=False),
    Column("rows", JSONB, nullable=False),
)
