"""The table of reports."""

from sqlalchemy import Boolean, Column, DateTime, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from libs.common.aggregates import aggregate_columns

reports = Table(
    "reports",
    MetaData(),
    *aggregate_columns(),
    Column("source", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("place", JSONB),
    Column("place_words", Text, nullable=False),
    Column("photos", ARRAY(UUID(as_uuid=True)), nullable=False),
    Column("findings", JSONB, nullable=False),
    Column("tracking_hash", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("life_at_risk", Boolean, nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("due_first_answer_at", DateTime(timezone=True), nullable=False),
    Column("intake_version", Text, nullable=False),
    Column("first_answered_at", DateTime(timezone=True)),
    Column("triage", JSONB),
    Column("transferred_to", Text),
    Column("hazards", JSONB, nullable=False),
    Column("disputes", JSONB, nullable=False),
    Column("fixed_at", DateTime(timezone=True)),
    Column("result_told_at", DateTime(timezone=True)),
    Column("closed_at", DateTime(timezone=True)),
)
