"""The tables of alarms and of what was told about those that nobody judged."""

from sqlalchemy import Column, DateTime, Float, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from libs.common.aggregates import aggregate_columns

_metadata = MetaData()

alarms = Table(
    "alarms",
    _metadata,
    *aggregate_columns(),
    Column("source", Text, nullable=False),
    Column("source_system", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("lon", Float(53), nullable=False),
    Column("lat", Float(53), nullable=False),
    Column("device", Text),
    Column("zone", Text),
    Column("risk_object_id", UUID(as_uuid=True)),
    Column("linked_group", ARRAY(Text), nullable=False),
    Column("words", Text, nullable=False),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("state", Text, nullable=False),
    Column("confirmed_at", DateTime(timezone=True)),
    Column("confirmed_by", Text),
    Column("incident_id", UUID(as_uuid=True)),
    Column("split_from", ARRAY(UUID(as_uuid=True)), nullable=False),
    Column("reason", Text, nullable=False),
    Column("area_told", Text),
    Column("area_doubt", Text, nullable=False),
)

alarm_reminders = Table(
    "alarm_reminders",
    _metadata,
    *aggregate_columns(),
    Column("alarm_id", UUID(as_uuid=True), nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("told_at", DateTime(timezone=True), nullable=False),
)
