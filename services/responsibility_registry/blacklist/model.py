"""The table of entries of the blacklist."""

from sqlalchemy import Column, DateTime, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from libs.common.aggregates import aggregate_columns

entries = Table(
    "blacklist_entries",
    MetaData(),
    *aggregate_columns(),
    Column("firm_id", UUID(as_uuid=True), nullable=False),
    Column("credit_code", Text, nullable=False),
    Column("firm_name", Text, nullable=False),
    Column("pack_number", Integer, nullable=False),
    Column("terms", JSONB, nullable=False),
    Column("facts", JSONB, nullable=False),
    Column("words", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("proposed_at", DateTime(timezone=True), nullable=False),
    Column("proposed_by", UUID(as_uuid=True), nullable=False),
    Column("hands", ARRAY(UUID(as_uuid=True)), nullable=False),
    Column("hand_subjects", ARRAY(Text), nullable=False),
    Column("notice", JSONB),
    Column("defence_until", DateTime(timezone=True)),
    Column("objection", JSONB),
    Column("review", JSONB),
    Column("decision", JSONB),
    Column("listed_at", DateTime(timezone=True)),
    Column("ends_at", DateTime(timezone=True)),
    Column("repair_from", DateTime(timezone=True)),
    Column("repairs", JSONB, nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("ended", JSONB),
)
