"""The tables of incidents, of their signs, clocks and regrades, and of what was told about late reports."""

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Float, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from libs.common.aggregates import aggregate_columns

_metadata = MetaData()

incidents = Table(
    "incidents",
    _metadata,
    *aggregate_columns(),
    Column("code", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("lon", Float(53), nullable=False),
    Column("lat", Float(53), nullable=False),
    Column("place_words", Text, nullable=False),
    Column("risk_object_id", UUID(as_uuid=True)),
    Column("state", Text, nullable=False),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("clock_zero_at", DateTime(timezone=True), nullable=False),
    Column("unit_learned_at", DateTime(timezone=True)),
    Column("controlled_at", DateTime(timezone=True)),
    Column("ended_at", DateTime(timezone=True)),
    Column("reviewed_at", DateTime(timezone=True)),
    Column("level_ordinal", Integer, nullable=False),
    Column("scale", Text, nullable=False),
    Column("level_since_at", DateTime(timezone=True), nullable=False),
    Column("casualties", JSONB, nullable=False),
    Column("loss_fen", BigInteger, nullable=False),
    Column("production_related", Text, nullable=False),
    Column("grade_policy", Text, nullable=False),
    Column("linked", ARRAY(UUID(as_uuid=True)), nullable=False),
)

incident_signs = Table(
    "incident_signs",
    _metadata,
    Column("incident_id", UUID(as_uuid=True), primary_key=True),
    Column("alarm_id", UUID(as_uuid=True), primary_key=True),
    Column("source", Text, nullable=False),
    Column("source_system", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("sign_at", DateTime(timezone=True), nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("left_at", DateTime(timezone=True)),
)

report_clocks = Table(
    "report_clocks",
    _metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("incident_id", UUID(as_uuid=True), nullable=False),
    Column("key", Text, nullable=False),
    Column("zh", Text, nullable=False),
    Column("en", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("to", Text, nullable=False),
    Column("also_to", ARRAY(Text), nullable=False),
    Column("tells", Text),
    Column("window", Boolean, nullable=False),
    Column("start_at", DateTime(timezone=True), nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("provisional", Boolean, nullable=False),
    Column("calendar_version", Text, nullable=False),
    Column("done_at", DateTime(timezone=True)),
    Column("told", Text, nullable=False),
    Column("void_reason", Text, nullable=False),
    Column("policy_version", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("reminded_at", DateTime(timezone=True)),
)

regrades = Table(
    "regrades",
    _metadata,
    Column("incident_id", UUID(as_uuid=True), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("casualties", JSONB, nullable=False),
    Column("loss_fen", BigInteger, nullable=False),
    Column("before_ordinal", Integer, nullable=False),
    Column("after_ordinal", Integer, nullable=False),
    Column("decided_by", ARRAY(Text), nullable=False),
    Column("policy", Text, nullable=False),
    Column("policy_version", Text, nullable=False),
    Column("in_window", Boolean, nullable=False),
)

report_reminders = Table(
    "report_reminders",
    _metadata,
    *aggregate_columns(),
    Column("incident_id", UUID(as_uuid=True), nullable=False),
    Column("key", Text, nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("told_at", DateTime(timezone=True), nullable=False),
)

incident_numbers = Table(
    "incident_numbers",
    _metadata,
    Column("county", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("last", Integer, nullable=False),
)
"""How many incidents each county has had on each civil day."""

team_shortages = Table(
    "team_shortages",
    _metadata,
    Column("incident_id", UUID(as_uuid=True), primary_key=True),
    Column("needs", JSONB, nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("tried_at", DateTime(timezone=True), nullable=False),
)
"""What nobody was free for: looked for again until somebody is."""

review_requests = Table(
    "review_requests",
    _metadata,
    Column("incident_id", UUID(as_uuid=True), primary_key=True),
    Column("asked_at", DateTime(timezone=True), nullable=False),
)
"""Incidents that have ended and whose review is not open yet."""
