"""The tables of rosters, shifts, swaps and gaps in cover."""

from sqlalchemy import Boolean, Column, Date, DateTime, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from libs.common.aggregates import OF_NO_SECTOR, aggregate_columns

rosters = Table(
    "rosters",
    MetaData(),
    *aggregate_columns(),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("stands_for", Text, nullable=False),
    Column("party_id", UUID(as_uuid=True)),
    Column("plans", JSONB, nullable=False),
    Column("published_to", Date, nullable=False),
    Column("policy_version", Text, nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("ended_reason", Text),
    Column("look_at", DateTime(timezone=True)),
    info=OF_NO_SECTOR,
)

shifts = Table(
    "shifts",
    MetaData(),
    *aggregate_columns(),
    Column("roster_id", UUID(as_uuid=True), nullable=False),
    Column("roster_kind", Text, nullable=False),
    Column("roster_name", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("rota", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("begins_at", DateTime(timezone=True), nullable=False),
    Column("ends_at", DateTime(timezone=True), nullable=False),
    Column("post_id", UUID(as_uuid=True), nullable=False),
    Column("subject", Text),
    Column("person", Text, nullable=False),
    Column("exclusive", Boolean, nullable=False),
    Column("provisional", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("hand_over", JSONB),
    info=OF_NO_SECTOR,
)

swaps = Table(
    "shift_swaps",
    MetaData(),
    *aggregate_columns(),
    Column("roster_id", UUID(as_uuid=True), nullable=False),
    Column("shift_id", UUID(as_uuid=True), nullable=False),
    Column("from_post_id", UUID(as_uuid=True), nullable=False),
    Column("from_subject", Text),
    Column("with_shift_id", UUID(as_uuid=True)),
    Column("to_post_id", UUID(as_uuid=True), nullable=False),
    Column("to_subject", Text),
    Column("needs_approval", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("decided_reason", Text, nullable=False),
    Column("decided_at", DateTime(timezone=True)),
    info=OF_NO_SECTOR,
)

shift_gaps = Table(
    "shift_gaps",
    MetaData(),
    *aggregate_columns(),
    Column("roster_id", UUID(as_uuid=True), nullable=False),
    Column("roster_name", Text, nullable=False),
    Column("rota", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("begins_at", DateTime(timezone=True), nullable=False),
    Column("ends_at", DateTime(timezone=True), nullable=False),
    Column("missing", Integer, nullable=False),
    Column("why", Text, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("closed_at", DateTime(timezone=True)),
    info=OF_NO_SECTOR,
)
