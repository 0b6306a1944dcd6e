"""The table of traces on demand."""

from sqlalchemy import Column, DateTime, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import UUID

from libs.common.aggregates import aggregate_columns

liability_traces = Table(
    "liability_traces",
    MetaData(),
    *aggregate_columns(),
    Column("about_kind", Text, nullable=False),
    Column("about_id", UUID(as_uuid=True), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("as_of", DateTime(timezone=True), nullable=False),
    Column("known_at", DateTime(timezone=True), nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("policy_version", Text, nullable=False),
    Column("later_rows", Integer, nullable=False),
    Column("document", Text, nullable=False),
    Column("sha256", Text, nullable=False),
)
