"""The tables of gaps, and of when each area was looked at last."""

from sqlalchemy import Column, DateTime, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from libs.common.aggregates import aggregate_columns

gaps = Table(
    "responsibility_gaps",
    MetaData(),
    *aggregate_columns(),
    Column("link", Text, nullable=False),
    Column("tier", Text, nullable=False),
    Column("sector", Text),
    Column("categories", ARRAY(Text), nullable=False),
    Column("why", Text, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("closed_at", DateTime(timezone=True)),
    Column("template", Text),
    Column("grounds_lacking", Integer),
)
looks = Table(
    "gap_looks",
    MetaData(),
    Column("area_code", Text(collation="C"), primary_key=True),
    Column("looked_at", DateTime(timezone=True), nullable=False),
)
