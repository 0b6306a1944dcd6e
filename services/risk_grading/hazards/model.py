"""The tables of hazards and of what was told about their due times."""

from sqlalchemy import Boolean, Column, DateTime, Double, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from libs.common.aggregates import aggregate_columns

_metadata = MetaData()
_Json = JSONB(none_as_null=True)

hazards = Table(
    "hazards",
    _metadata,
    *aggregate_columns(),
    Column("category", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("place", _Json),
    Column("place_words", Text, nullable=False),
    Column("report_ids", ARRAY(UUID(as_uuid=True)), nullable=False),
    Column("object_id", UUID(as_uuid=True)),
    Column("state", Text, nullable=False),
    Column("life_at_risk", Boolean, nullable=False),
    Column("registered_at", DateTime(timezone=True), nullable=False),
    Column("verify_due_at", DateTime(timezone=True), nullable=False),
    Column("clocks_version", Text, nullable=False),
    Column("severity", Text),
    Column("severity_basis", Text, nullable=False),
    Column("handling", Text),
    Column("verification", _Json),
    Column("proposal", _Json),
    Column("plan", _Json),
    Column("fix", _Json),
    Column("order_id", UUID(as_uuid=True)),
    Column("due_at", DateTime(timezone=True)),
    Column("round", Integer, nullable=False),
    Column("hands", ARRAY(UUID(as_uuid=True)), nullable=False),
    Column("reopenings", JSONB, nullable=False),
    Column("dismissed_reason", Text, nullable=False),
    Column("closed_at", DateTime(timezone=True)),
    Column("look_back_due_at", DateTime(timezone=True)),
    Column("looked_back", _Json),
    Column("merged_into", UUID(as_uuid=True)),
    Column("merged_from", ARRAY(UUID(as_uuid=True)), nullable=False),
    # The database makes these two of `place`, for the search around a point.
    Column("lon", Double),
    Column("lat", Double),
)

hazard_reminders = Table(
    "hazard_reminders",
    _metadata,
    *aggregate_columns(),
    Column("hazard_id", UUID(as_uuid=True), nullable=False),
    Column("kind", Text, nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("told_at", DateTime(timezone=True), nullable=False),
)
