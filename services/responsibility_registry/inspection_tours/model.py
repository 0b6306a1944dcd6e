"""The tables of inspection tours and of their visits."""

from sqlalchemy import Column, Date, DateTime, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from libs.common.aggregates import OF_NO_SECTOR, aggregate_columns

tours = Table(
    "inspection_tours",
    MetaData(),
    *aggregate_columns(),
    Column("name", Text, nullable=False),
    Column("body_kind", Text, nullable=False),
    Column("among", Text, nullable=False),
    Column("bodies", JSONB, nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("state", Text, nullable=False),
    Column("planned_at", DateTime(timezone=True), nullable=False),
    Column("planned_by", UUID(as_uuid=True), nullable=False),
    Column("conclusion", Text, nullable=False),
    Column("concluded_at", DateTime(timezone=True)),
    info=OF_NO_SECTOR,
)

visits = Table(
    "tour_visits",
    MetaData(),
    *aggregate_columns(),
    Column("tour_id", UUID(as_uuid=True), nullable=False),
    Column("body_key", Text, nullable=False),
    Column("visited_at", DateTime(timezone=True), nullable=False),
    Column("by_post", UUID(as_uuid=True), nullable=False),
    Column("words", Text, nullable=False),
    Column("evidence", ARRAY(UUID(as_uuid=True)), nullable=False),
    Column("findings", JSONB, nullable=False),
    info=OF_NO_SECTOR,
)
