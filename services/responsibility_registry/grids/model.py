"""The tables of grids: each as it was drawn last, and every drawing with its time."""

from sqlalchemy import Column, DateTime, Float, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import UUID

from libs.common.aggregates import aggregate_columns

_METADATA = MetaData()

grids = Table(
    "grids",
    _METADATA,
    *aggregate_columns(),
    Column("code", Text(collation="C"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("parent_code", Text(collation="C")),
    Column("valid_from", DateTime(timezone=True), nullable=False),
    Column("valid_to", DateTime(timezone=True)),
    Column("drawn_from", DateTime(timezone=True), nullable=False),
    Column("shape", Text, nullable=False),
    Column("buffer_m", Float, nullable=False),
    Column("ended_reason", Text),
)

grid_drawings = Table(
    "grid_drawings",
    _METADATA,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("grid_id", UUID(as_uuid=True), nullable=False),
    Column("shape", Text, nullable=False),
    Column("buffer_m", Float, nullable=False),
    Column("valid_from", DateTime(timezone=True), nullable=False),
    Column("valid_to", DateTime(timezone=True)),
    Column("reason", Text, nullable=False),
)
