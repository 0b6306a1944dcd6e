"""The table of yearly work lists."""

from sqlalchemy import Column, DateTime, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from libs.common.aggregates import OF_NO_SECTOR, aggregate_columns

work_lists = Table(
    "work_lists",
    MetaData(),
    *aggregate_columns(),
    Column("post_id", UUID(as_uuid=True), nullable=False),
    Column("superior_post_id", UUID(as_uuid=True), nullable=False),
    Column("year", Integer, nullable=False),
    Column("items", JSONB, nullable=False),
    Column("lights_version", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("confirmed_at", DateTime(timezone=True)),
    Column("reason", Text, nullable=False),
    info=OF_NO_SECTOR,
)
