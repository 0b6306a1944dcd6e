"""The table of what departments reported."""

from sqlalchemy import Column, DateTime, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from libs.common.aggregates import aggregate_columns

feedback = Table(
    "credit_feedback",
    MetaData(),
    *aggregate_columns(),
    Column("firm_id", UUID(as_uuid=True), nullable=False),
    Column("credit_code", Text, nullable=False),
    Column("consequence", Text, nullable=False),
    Column("zh", Text, nullable=False),
    Column("en", Text, nullable=False),
    Column("way", Text, nullable=False),
    Column("department", Text, nullable=False),
    Column("pack_number", Integer, nullable=False),
    Column("done_at", DateTime(timezone=True), nullable=False),
    Column("document", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("evidence", ARRAY(UUID(as_uuid=True)), nullable=False),
    Column("reported_at", DateTime(timezone=True), nullable=False),
    Column("reported_by", Text, nullable=False),
)
