"""The tables of dispatches and of what was told about acknowledgements that did not come."""

from sqlalchemy import Column, DateTime, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from libs.common.aggregates import aggregate_columns

_metadata = MetaData()

dispatches = Table(
    "dispatches",
    _metadata,
    *aggregate_columns(),
    Column("incident_id", UUID(as_uuid=True), nullable=False),
    Column("scene", JSONB, nullable=False),
    Column("team_id", UUID(as_uuid=True), nullable=False),
    Column("team_kind", Text, nullable=False),
    Column("capability", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("distance_m", Integer, nullable=False),
    Column("travel_seconds", Integer, nullable=False),
    Column("sent_at", DateTime(timezone=True), nullable=False),
    Column("acknowledged_at", DateTime(timezone=True)),
    Column("departed_at", DateTime(timezone=True)),
    Column("arrived_at", DateTime(timezone=True)),
    Column("closed_at", DateTime(timezone=True)),
    Column("reason", Text, nullable=False),
    Column("clocks", JSONB, nullable=False),
    Column("policy_version", Text, nullable=False),
)

dispatch_reminders = Table(
    "dispatch_reminders",
    _metadata,
    *aggregate_columns(),
    Column("dispatch_id", UUID(as_uuid=True), nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("told_at", DateTime(timezone=True), nullable=False),
)
