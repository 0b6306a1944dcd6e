"""The tables of duty records and of periods that were missed."""

from sqlalchemy import Boolean, Column, DateTime, Float, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from libs.common.aggregates import OF_NO_SECTOR, aggregate_columns

duty_records = Table(
    "duty_records",
    MetaData(),
    *aggregate_columns(),
    Column("kind", Text, nullable=False),
    Column("post_id", UUID(as_uuid=True), nullable=False),
    Column("by_post", UUID(as_uuid=True), nullable=False),
    Column("pairing_id", UUID(as_uuid=True)),
    Column("object_id", UUID(as_uuid=True)),
    Column("grid_id", UUID(as_uuid=True)),
    Column("duty_code", Text, nullable=False),
    Column("done_at", DateTime(timezone=True), nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("entered_at", DateTime(timezone=True), nullable=False),
    Column("late", Boolean, nullable=False),
    Column("lon", Float),
    Column("lat", Float),
    Column("words", Text, nullable=False),
    Column("values", JSONB, nullable=False),
    Column("evidence", ARRAY(UUID(as_uuid=True)), nullable=False),
    Column("serves", ARRAY(Integer), nullable=False),
    Column("policy_version", Text, nullable=False),
    Column("corrects", UUID(as_uuid=True)),
    Column("corrected_by", UUID(as_uuid=True)),
    Column("withdrawn_at", DateTime(timezone=True)),
    Column("withdrawn_reason", Text, nullable=False),
    info=OF_NO_SECTOR,
)

missed_periods = Table(
    "missed_periods",
    MetaData(),
    *aggregate_columns(),
    Column("pairing_id", UUID(as_uuid=True), nullable=False),
    Column("post_id", UUID(as_uuid=True), nullable=False),
    Column("kind", Text, nullable=False),
    Column("begins_at", DateTime(timezone=True), nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("asked", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("post_vacant", Boolean, nullable=False),
    Column("told_at", DateTime(timezone=True), nullable=False),
    info=OF_NO_SECTOR,
)
