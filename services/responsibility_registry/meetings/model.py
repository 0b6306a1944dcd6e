"""The tables of meetings and of what a body was reminded of."""

from sqlalchemy import Boolean, Column, DateTime, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from libs.common.aggregates import OF_NO_SECTOR, aggregate_columns

meetings = Table(
    "meetings",
    MetaData(),
    *aggregate_columns(),
    Column("body_id", UUID(as_uuid=True), nullable=False),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("agenda", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("planned_at", DateTime(timezone=True), nullable=False),
    Column("state", Text, nullable=False),
    Column("held_at", DateTime(timezone=True)),
    Column("chaired_by", UUID(as_uuid=True)),
    Column("attended", ARRAY(UUID(as_uuid=True)), nullable=False),
    Column("run_by", ARRAY(UUID(as_uuid=True)), nullable=False),
    Column("minutes", JSONB, nullable=False),
    Column("decisions", JSONB, nullable=False),
    Column("cancelled_reason", Text),
    info=OF_NO_SECTOR,
)

meeting_reminders = Table(
    "meeting_reminders",
    MetaData(),
    *aggregate_columns(),
    Column("body_id", UUID(as_uuid=True), nullable=False),
    Column("year", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("missed", Boolean, nullable=False),
    Column("told_at", DateTime(timezone=True), nullable=False),
    info=OF_NO_SECTOR,
)
