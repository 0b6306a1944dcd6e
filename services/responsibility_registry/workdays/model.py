"""The table of announced years."""

from sqlalchemy import Column, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from libs.common.aggregates import aggregate_columns

announced_years = Table(
    "announced_years",
    MetaData(),
    *aggregate_columns(),
    Column("year", Integer, nullable=False),
    Column("days", JSONB, nullable=False),
    Column("source", Text, nullable=False),
)
