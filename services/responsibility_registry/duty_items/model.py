"""The table of duty items; every row is an edition and none is ever changed."""

from sqlalchemy import Boolean, Column, Date, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from libs.common.aggregates import aggregate_columns

duty_items = Table(
    "duty_items",
    MetaData(),
    *aggregate_columns(),
    Column("code", Text, nullable=False),
    Column("edition", Integer, nullable=False),
    Column("list_code", Text, nullable=False),
    Column("bearer", Text, nullable=False),
    Column("zh", Text, nullable=False),
    Column("en", Text, nullable=False),
    Column("tiers", ARRAY(Text), nullable=False),
    Column("links", ARRAY(Text), nullable=False),
    Column("kinds", ARRAY(Text), nullable=False),
    Column("first_responsible", Boolean, nullable=False),
    Column("bearer_ids", ARRAY(UUID(as_uuid=True)), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("repealed", Boolean, nullable=False),
    Column("source", Text, nullable=False),
)
