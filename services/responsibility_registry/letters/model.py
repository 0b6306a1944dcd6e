"""The table of letters."""

from sqlalchemy import Column, DateTime, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from libs.common.aggregates import aggregate_columns

letters = Table(
    "letters",
    MetaData(),
    *aggregate_columns(),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("text_sha256", Text, nullable=False),
    Column("from_post_id", UUID(as_uuid=True), nullable=False),
    Column("to_post_id", UUID(as_uuid=True)),
    Column("to_tier", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("entity_party_id", UUID(as_uuid=True)),
    Column("under_letter_id", UUID(as_uuid=True)),
    Column("valid_from", DateTime(timezone=True), nullable=False),
    Column("valid_to", DateTime(timezone=True), nullable=False),
    Column("sign_by", DateTime(timezone=True), nullable=False),
    Column("state", Text, nullable=False),
    Column("signatures", JSONB, nullable=False),
    Column("reason", Text, nullable=False),
    Column("late_told_at", DateTime(timezone=True)),
)
