"""The table of replies."""

from sqlalchemy import Column, DateTime, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import UUID

from libs.common.aggregates import aggregate_columns

replies = Table(
    "replies",
    MetaData(),
    *aggregate_columns(),
    Column("report_id", UUID(as_uuid=True), nullable=False),
    Column("kind", Text, nullable=False),
    Column("words_zh", Text, nullable=False),
    Column("words_en", Text),
    Column("by_post", UUID(as_uuid=True)),
    Column("at", DateTime(timezone=True), nullable=False),
)
