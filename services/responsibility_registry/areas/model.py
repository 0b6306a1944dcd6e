"""The tables of areas, what they were called, and what became of them."""

from sqlalchemy import Boolean, Column, Date, DateTime, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import UUID

from libs.common.aggregates import aggregate_columns

_METADATA = MetaData()

areas = Table(
    "areas",
    _METADATA,
    *aggregate_columns(),
    Column("code", Text(collation="C"), nullable=False),
    Column("name", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("parent_code", Text(collation="C")),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("shape", Text),
)

area_names = Table(
    "area_names",
    _METADATA,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("code", Text(collation="C"), nullable=False),
    Column("name", Text, nullable=False),
    Column("until", Date, nullable=False),
    Column("document", Text, nullable=False),
)

area_successions = Table(
    "area_successions",
    _METADATA,
    Column("from_code", Text(collation="C"), primary_key=True),
    Column("to_code", Text(collation="C"), primary_key=True),
    Column("at", Date, primary_key=True),
    Column("goes_on", Boolean, nullable=False),
    Column("document", Text, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
)
